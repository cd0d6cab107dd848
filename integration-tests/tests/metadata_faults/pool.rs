//! Many trials at once: nearly all of their time is spent waiting for attempts that will fail.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const THREADS: usize = 24;

/// What `trial` has to say against any of the items, in their order.
pub(crate) fn objections<T: Sync>(items: &[T], trial: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let objections = trial(item);
                    found.lock().unwrap().push((index, objections));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    found.into_iter().flat_map(|(_, objections)| objections).collect()
}
