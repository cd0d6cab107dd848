//! How a field of a section becomes a `Key=Value` line, and the macro that ties keys to fields.

use std::fmt;

use ipnetwork::IpNetwork;

use crate::error::{ParseError, ParseErrorKind};
use crate::raw::{RawEntry, RawSection};
use crate::value::Value;

/// A field of a section.
pub(crate) trait Field: Sized {
    /// Gives the text after `Key=`, or `None` when the field is unset.
    fn render(&self) -> Option<String>;

    fn read(section: &RawSection<'_>, key: &'static str) -> Result<Self, ParseError>;
}

/// A key that may be left out.
impl<V: Value> Field for Option<V> {
    fn render(&self) -> Option<String> {
        self.as_ref().map(Value::render)
    }

    fn read(section: &RawSection<'_>, key: &'static str) -> Result<Self, ParseError> {
        let mut entries = section.entries.iter().filter(|entry| entry.key == key);
        let Some(entry) = entries.next() else { return Ok(None) };
        match entries.next() {
            None => parse_value(entry, entry.value).map(Some),
            Some(again) => Err(ParseErrorKind::RepeatedKey { key }.at(again.line)),
        }
    }
}

/// A key that the section is nothing without.
impl Field for IpNetwork {
    fn render(&self) -> Option<String> {
        Some(Value::render(self))
    }

    fn read(section: &RawSection<'_>, key: &'static str) -> Result<Self, ParseError> {
        Option::read(section, key)?.ok_or_else(|| ParseErrorKind::MissingKey { key }.at(section.line))
    }
}

/// A key with a list of words; networkd joins the lists of several lines with the same key.
impl<V: Value> Field for Vec<V> {
    fn render(&self) -> Option<String> {
        let words: Vec<String> = self.iter().map(Value::render).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn read(section: &RawSection<'_>, key: &'static str) -> Result<Self, ParseError> {
        let mut values = Self::new();
        for entry in section.entries.iter().filter(|entry| entry.key == key) {
            // To networkd an empty value discards the list so far, which no rendered file needs.
            if entry.value.is_empty() {
                return Err(invalid_value(entry, entry.value));
            }
            for word in entry.value.split_ascii_whitespace() {
                values.push(parse_value(entry, word)?);
            }
        }
        Ok(values)
    }
}

/// A section whose fields are known by key.
pub(crate) trait Body: Sized {
    fn write_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    fn read(section: &RawSection<'_>) -> Result<Self, ParseError>;
}

/// Defines the struct of a section: each field is `pub name: type = "Key"`, and lines keep the order of the fields.
macro_rules! section {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $($(#[$field_attribute:meta])* pub $field:ident: $type:ty = $key:literal,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            $($(#[$field_attribute])* pub $field: $type,)*
        }

        impl $crate::field::Body for $name {
            fn write_lines(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $($crate::field::write_line(f, $key, &self.$field)?;)*
                Ok(())
            }

            fn read(section: &$crate::raw::RawSection<'_>) -> Result<Self, $crate::error::ParseError> {
                $crate::field::refuse_unknown_keys(section, &[$($key),*])?;
                Ok(Self { $($field: $crate::field::Field::read(section, $key)?,)* })
            }
        }

        #[cfg(test)]
        impl $crate::arbitrary::Arbitrary for $name {
            fn draw(source: &mut $crate::arbitrary::Source<'_>) -> Self {
                Self { $($field: $crate::arbitrary::Arbitrary::draw(source),)* }
            }
        }
    };
}

pub(crate) use section;

pub(crate) fn write_line(f: &mut fmt::Formatter<'_>, key: &str, field: &impl Field) -> fmt::Result {
    field.render().map_or(Ok(()), |value| writeln!(f, "{key}={value}"))
}

pub(crate) fn refuse_unknown_keys(section: &RawSection<'_>, keys: &[&str]) -> Result<(), ParseError> {
    match section.entries.iter().find(|entry| !keys.contains(&entry.key)) {
        None => Ok(()),
        Some(entry) => {
            let kind =
                ParseErrorKind::UnknownKey { section: section.name.to_owned(), key: entry.key.to_owned() };
            Err(kind.at(entry.line))
        }
    }
}

fn parse_value<V: Value>(entry: &RawEntry<'_>, text: &str) -> Result<V, ParseError> {
    V::parse(text).ok_or_else(|| invalid_value(entry, text))
}

fn invalid_value(entry: &RawEntry<'_>, text: &str) -> ParseError {
    ParseErrorKind::InvalidValue { key: entry.key.to_owned(), value: text.to_owned() }.at(entry.line)
}
