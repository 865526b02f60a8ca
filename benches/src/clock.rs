//! CPU time, of one thread or of the process.

use rustix::time::{ClockId, clock_gettime};

/// Whose CPU time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The calling thread's.
    Thread,
    /// That of all threads of the process together.
    Process,
}

/// Seconds of CPU time that `work` takes, and what it returns.
pub fn cpu<T>(of: Of, work: impl FnOnce() -> T) -> (f64, T) {
    let began = now(of);
    let result = work();
    (now(of) - began, result)
}

/// The least CPU time of the calling thread over `rounds` turns of each of several pieces of work.
///
/// They take turns, so that a slow minute of the machine falls on all of them.
pub fn least<const N: usize>(rounds: usize, mut work: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut least = [f64::INFINITY; N];
    for _ in 0..rounds {
        for (least, work) in least.iter_mut().zip(&mut work) {
            *least = least.min(cpu(Of::Thread, work).0);
        }
    }
    least
}

fn now(of: Of) -> f64 {
    let clock = match of {
        Of::Thread => ClockId::ThreadCPUTime,
        Of::Process => ClockId::ProcessCPUTime,
    };
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, time::Duration};

    use super::*;

    /// A sleep of 50 ms costs next to nothing, and a sum does cost.
    #[test]
    fn sleep_takes_no_cpu_time() {
        let (asleep, ()) = cpu(Of::Thread, || std::thread::sleep(Duration::from_millis(50)));
        let (awake, sum) = cpu(Of::Process, || (0..3_000_000_u64).map(black_box).sum::<u64>());
        assert!(asleep < 0.01, "{asleep} s");
        assert!(awake > 0.0 && sum > 0, "{awake} s");
    }
}
