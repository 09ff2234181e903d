//! A request that is held between two of its statements, so that another comes in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Notify;

tokio::task_local! {
    static GATE: Option<Arc<Gate>>;
}

/// The gate of the next request that comes.
pub(crate) type Slot = Arc<Mutex<Option<Arc<Gate>>>>;

/// Holds a request after a number of its statements.
pub(crate) struct Gate {
    after: usize,
    passed: AtomicUsize,
    reached: Notify,
    opened: Mutex<Receiver<()>>,
}

/// A request that is to be held.
pub struct Held {
    gate: Arc<Gate>,
    open: Sender<()>,
}

impl Held {
    /// Holds the next request that comes after so many of its statements.
    pub(crate) fn next(slot: &Slot, after: usize) -> Self {
        let (open, opened) = channel();
        let (passed, reached) = (AtomicUsize::new(0), Notify::new());
        let gate = Arc::new(Gate { after, passed, reached, opened: Mutex::new(opened) });
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(gate.clone());
        Self { gate, open }
    }

    /// Waits until the request is held.
    pub async fn reached(&self) {
        let reached = tokio::time::timeout(Duration::from_secs(10), self.gate.reached.notified());
        reached.await.expect("a request that runs so many statements");
    }

    /// Lets the request go on. So does dropping this.
    pub fn release(self) {
        drop(self.open);
    }
}

/// Called after each statement, within the task of its request.
pub(crate) fn pass() {
    let gate = GATE.try_with(Clone::clone).ok().flatten();
    let Some(gate) = gate else { return };
    if gate.passed.fetch_add(1, Ordering::Relaxed) + 1 == gate.after {
        gate.reached.notify_one();
        // Other requests go on in other threads.
        tokio::task::block_in_place(|| {
            let opened = gate.opened.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = opened.recv(); // an error is the sender's end
        });
    }
}

/// Wraps all routes.
pub(crate) async fn hold(State(slot): State<Slot>, request: Request, next: Next) -> Response {
    let gate = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    GATE.scope(gate, next.run(request)).await
}
