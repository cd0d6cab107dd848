//! The book of a server's threads and connections, and the way to end them all.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::lock;
use super::socket::Stream;

/// So many threads of a listener wait for connections at most; one more that becomes free ends.
const SPARE: usize = 8;

pub(super) struct Gate {
    book: Mutex<Book>,
    changed: Condvar,
}

struct Book {
    stopping: bool,
    threads: usize,
    /// The threads that wait for a connection, by listener.
    waiting: Vec<usize>,
    open: HashMap<u64, Arc<Stream>>,
    next: u64,
}

/// A connection that was let in.
pub(super) struct Admitted {
    pub(super) id: u64,
    /// Nobody waits at the listener any more.
    pub(super) last: bool,
}

impl Gate {
    pub(super) fn new(listeners: usize) -> Self {
        let waiting = vec![0; listeners];
        let book = Book { stopping: false, threads: 0, waiting, open: HashMap::new(), next: 0 };
        Self { book: Mutex::new(book), changed: Condvar::new() }
    }

    /// A thread begins, and waits at `listener`. False when the server stops.
    pub(super) fn enter(&self, listener: usize) -> bool {
        let mut book = lock(&self.book);
        if !book.stopping {
            book.threads += 1;
            book.waiting[listener] += 1;
        }
        !book.stopping
    }

    /// A thread that waited has a connection. `None` when the server stops.
    pub(super) fn admit(&self, listener: usize, stream: &Arc<Stream>) -> Option<Admitted> {
        let mut book = lock(&self.book);
        if book.stopping {
            return None;
        }
        book.waiting[listener] -= 1;
        let id = book.next;
        book.next += 1;
        book.open.insert(id, Arc::clone(stream));
        Some(Admitted { id, last: book.waiting[listener] == 0 })
    }

    /// The connection is over.
    pub(super) fn close(&self, id: u64) {
        let closed = lock(&self.book).open.remove(&id);
        drop(closed);
    }

    /// A thread has nothing to do. False when it is not needed.
    pub(super) fn wait_again(&self, listener: usize) -> bool {
        let mut book = lock(&self.book);
        let stay = !book.stopping && book.waiting[listener] < SPARE;
        if stay {
            book.waiting[listener] += 1;
        }
        stay
    }

    /// A thread ends.
    pub(super) fn leave(&self) {
        lock(&self.book).threads -= 1;
        self.changed.notify_all();
    }

    /// Sleeps for `delay`, but no longer than the server runs. False when it stops.
    pub(super) fn pause(&self, delay: Duration) -> bool {
        let book = lock(&self.book);
        match self.changed.wait_timeout_while(book, delay, |book| !book.stopping) {
            Ok((book, _)) => !book.stopping,
            Err(_) => false,
        }
    }

    /// Ends all connections and pauses, and lets in none.
    pub(super) fn stop(&self) {
        let mut book = lock(&self.book);
        book.stopping = true;
        book.open.values().for_each(|stream| stream.shutdown());
        self.changed.notify_all();
    }

    pub(super) fn wait_until_empty(&self) {
        let mut book = lock(&self.book);
        while book.threads > 0 {
            let Ok(woken) = self.changed.wait(book) else { return };
            book = woken;
        }
    }
}
