/// What the service says of a key when it answers. A failure is an [`Error`](crate::Error) instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// The key exists and has a value.
    Value(T),
    /// The key exists, but its value is empty.
    Empty,
    /// The key does not exist: status 404.
    Absent,
}

impl<T> Answer<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Empty | Self::Absent => None,
        }
    }

    pub(crate) fn try_map<U, E>(self, map: impl FnOnce(T) -> Result<U, E>) -> Result<Answer<U>, E> {
        Ok(match self {
            Self::Value(value) => Answer::Value(map(value)?),
            Self::Empty => Answer::Empty,
            Self::Absent => Answer::Absent,
        })
    }
}
