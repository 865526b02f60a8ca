//! Ctrl-C: the program ends at once with status 130, but never between two files that belong together.

use std::{
    process,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{exit::ExitStatus, terminal};

/// Held while files are written. Whoever ends the program takes it first, and so waits until they are whole.
static WRITING: Mutex<()> = Mutex::new(());

/// What is said before the end.
static FAREWELL: Mutex<Option<String>> = Mutex::new(None);

/// Takes over the signal. Where that is not possible, it ends the program as it always does.
pub(crate) fn handle() {
    let _ = ctrlc::set_handler(|| {
        let _whole = hold();
        if let Some(farewell) = FAREWELL.lock().unwrap_or_else(PoisonError::into_inner).take() {
            terminal::say(&farewell);
        }
        process::exit(ExitStatus::Interrupted as i32);
    });
}

/// Puts off an interruption until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, ()> {
    // There is nothing in it that a panic could have left half-done.
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has this said when the user interrupts the program.
pub(crate) fn say_at_end(farewell: String) {
    *FAREWELL.lock().unwrap_or_else(PoisonError::into_inner) = Some(farewell);
}
