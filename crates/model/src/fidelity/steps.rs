//! Steps without samples: one draw for each batch that a crew of readers builds.
//!
//! A crew is what builds one batch at a time: a worker of a batch-per-worker loader, or all readers of a rank whose loader
//! shares them among samples. n readers at work pass X(n) samples in all ([`super::product_form`]), each the same, so a clock
//! that runs at X(n) / n counts the samples of every one of them, and a batch is over when it has run on by the batch's
//! work: its samples, more or less by the chance of their latencies and sizes. Ranks meet at a barrier, and what they have
//! not taken holds up their crews, as in the loaders.

use std::{cmp::Reverse, collections::BinaryHeap};

/// The crews of a job and what bounds them.
#[derive(Debug, Clone, Copy)]
pub struct CrewSpec {
    /// Ranks in lock step.
    pub ranks: u32,
    /// Crews of each: batch b of a rank is built by crew b mod `crews`.
    pub crews: u32,
    /// Readers of a crew.
    pub readers: u32,
    /// Samples of a batch.
    pub batch: u64,
    /// Batches of a rank that may be begun beyond those it has taken.
    pub in_flight: u64,
    /// Batches that have to be complete behind the one that is taken, for a shuffle buffer.
    pub held_back: u64,
    /// Whether a batch is begun only when its rank waits for it: the training loop reads by itself.
    pub on_demand: bool,
    /// Batches of a rank in the epoch.
    pub batches: u64,
}

/// What the readers get through at present.
#[derive(Debug, Clone, Copy)]
pub struct Speeds<'a> {
    /// Samples a nanosecond of all readers, by how many are at work.
    pub passing: &'a [f64],
    /// Relative standard deviation of the time one reader spends on one sample.
    pub cv: f64,
}

/// Where a crew stands when the steps take over from a simulation of every sample.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The batch it is on, or would begin next.
    pub batch: u64,
    /// Samples that are missing from it; nothing if it has not begun.
    pub missing: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Crew {
    batch: u64,
    at_work: bool,
}

/// The crews and ranks of an epoch under way. Times are nanoseconds from wherever the caller counts them.
#[derive(Debug)]
pub struct Steps {
    spec: CrewSpec,
    now: f64,
    /// Samples that a reader that was always at work would have read.
    clock: f64,
    readers_at_work: u32,
    due: BinaryHeap<Reverse<(u64, u32)>>,
    crews: Vec<Crew>,
    /// Batches that each rank has taken, and when it took the last of them.
    taken: Vec<u64>,
    taken_at: Vec<f64>,
    /// Batches completed by all crews.
    completed: u64,
}

impl Steps {
    /// No crew at work, no batch taken; readers begin at `now`.
    #[must_use]
    pub fn new(spec: CrewSpec, now: f64) -> Self {
        let crews = (0..spec.ranks * spec.crews)
            .map(|crew| Crew { batch: u64::from(crew % spec.crews), at_work: false })
            .collect();
        Self {
            spec,
            now,
            clock: 0.0,
            readers_at_work: 0,
            due: BinaryHeap::with_capacity((spec.ranks * spec.crews) as usize + 1),
            crews,
            taken: vec![0; spec.ranks as usize],
            taken_at: vec![0.0; spec.ranks as usize],
            completed: 0,
        }
    }

    /// Lets every crew begin its first batch.
    pub fn begin(&mut self, speeds: Speeds<'_>, noise: &mut impl FnMut(u32, u64) -> f64) {
        for crew in 0..self.crews.len() as u32 {
            self.go_on(crew, true, speeds, noise);
        }
    }

    /// Takes over at `now`, when every rank has taken its first batch: `standings` tells of all crews in their order.
    pub fn resume(
        &mut self,
        standings: impl Iterator<Item = Standing>,
        speeds: Speeds<'_>,
        noise: &mut impl FnMut(u32, u64) -> f64,
    ) {
        self.taken.fill(1);
        for (crew, standing) in standings.enumerate() {
            self.crews[crew].batch = standing.batch;
            match standing.missing {
                None => self.go_on(crew as u32, true, speeds, noise),
                Some(missing) => {
                    // What is on its way is half there on average, more or less as the reads differ.
                    let under_way = (1.0 - speeds.cv * speeds.cv) / 2.0;
                    let left = (missing as f64 - under_way).max(0.05) / f64::from(self.spec.readers);
                    self.set_to_work(crew as u32, left);
                }
            }
        }
    }

    /// When it is now.
    #[must_use]
    pub const fn now(&self) -> f64 {
        self.now
    }

    /// Batches that crews have completed.
    #[must_use]
    pub const fn completed(&self) -> u64 {
        self.completed
    }

    /// The batch that crews are at, on average: ahead of the one that is taken by as many as are in flight.
    #[must_use]
    pub fn reading(&self) -> u64 {
        let batches: u64 = self.crews.iter().map(|crew| crew.batch).sum();
        // Crews that take turns with the batches of a rank stand that far ahead of the first of them.
        let apart = u64::from(self.spec.crews - 1) * self.crews.len() as u64 / 2;
        (batches.saturating_sub(apart) / self.crews.len() as u64).min(self.spec.batches - 1)
    }

    /// Readers that are at work.
    #[must_use]
    pub const fn readers_at_work(&self) -> u32 {
        self.readers_at_work
    }

    /// When each rank took its batch of this step.
    #[must_use]
    pub fn taken_at(&self) -> &[f64] {
        &self.taken_at
    }

    /// Lets readers work until `until`, while all ranks compute.
    pub fn compute_until(&mut self, until: f64, speeds: Speeds<'_>, noise: &mut impl FnMut(u32, u64) -> f64) {
        while let Some(crew) = self.next_done(until, speeds) {
            self.complete(crew, speeds, noise);
        }
    }

    /// Every rank takes its next batch, now or as soon as it is complete.
    pub fn take(&mut self, speeds: Speeds<'_>, noise: &mut impl FnMut(u32, u64) -> f64) {
        let mut waiting = 0;
        for rank in 0..self.spec.ranks {
            if self.is_ready(rank) {
                self.take_batch(rank, speeds, noise);
            } else {
                waiting += 1;
                self.taken_at[rank as usize] = f64::NAN;
                if self.spec.on_demand && !self.crews[rank as usize].at_work {
                    self.go_on(rank, true, speeds, noise);
                }
            }
        }
        while waiting > 0 {
            let crew = self.next_done(f64::INFINITY, speeds).expect("a rank that waits has a crew at work");
            self.complete(crew, speeds, noise);
            let rank = crew / self.spec.crews;
            if self.taken_at[rank as usize].is_nan() && self.is_ready(rank) {
                self.take_batch(rank, speeds, noise);
                waiting -= 1;
            }
        }
    }

    fn is_ready(&self, rank: u32) -> bool {
        let last = self.spec.batches - 1;
        let batch = (self.taken[rank as usize] + self.spec.held_back).min(last);
        let crew = rank * self.spec.crews + (batch % u64::from(self.spec.crews)) as u32;
        self.crews[crew as usize].batch > batch
    }

    fn take_batch(&mut self, rank: u32, speeds: Speeds<'_>, noise: &mut impl FnMut(u32, u64) -> f64) {
        self.taken_at[rank as usize] = self.now;
        self.taken[rank as usize] += 1;
        if self.spec.on_demand {
            return;
        }
        let freed = self.taken[rank as usize] + self.spec.in_flight - 1;
        let crew = rank * self.spec.crews + (freed % u64::from(self.spec.crews)) as u32;
        if !self.crews[crew as usize].at_work {
            self.go_on(crew, true, speeds, noise);
        }
    }

    /// The crew that is done next, if it is before `until`; the time is then that of its end, else `until`.
    fn next_done(&mut self, until: f64, speeds: Speeds<'_>) -> Option<u32> {
        let pace = |at_work: u32| speeds.passing[at_work as usize] / f64::from(at_work.max(1));
        let Some(&Reverse((bits, crew))) = self.due.peek() else {
            self.now = until;
            return None;
        };
        let (clock, pace) = (f64::from_bits(bits), pace(self.readers_at_work));
        let at = self.now + (clock - self.clock).max(0.0) / pace;
        if at > until {
            self.clock += (until - self.now).max(0.0) * pace;
            self.now = self.now.max(until);
            return None;
        }
        self.due.pop();
        (self.now, self.clock) = (at, clock);
        Some(crew)
    }

    fn complete(&mut self, crew: u32, speeds: Speeds<'_>, noise: &mut impl FnMut(u32, u64) -> f64) {
        let state = &mut self.crews[crew as usize];
        state.batch += u64::from(self.spec.crews);
        state.at_work = false;
        self.readers_at_work -= self.spec.readers;
        self.completed += 1;
        self.go_on(crew, false, speeds, noise);
    }

    /// Begins a crew's next batch if it may; `rested` if its readers have been idle and so begin together.
    fn go_on(
        &mut self,
        crew: u32,
        rested: bool,
        speeds: Speeds<'_>,
        noise: &mut impl FnMut(u32, u64) -> f64,
    ) {
        let batch = self.crews[crew as usize].batch;
        let taken = self.taken[(crew / self.spec.crews) as usize];
        let on_demand = self.spec.on_demand && !rested;
        if batch >= self.spec.batches || batch >= taken + self.spec.in_flight || on_demand {
            return;
        }
        let readers = f64::from(self.spec.readers);
        let samples = self.spec.batch as f64;
        let mut work = samples * (1.0 + speeds.cv * noise(crew, batch) / samples.sqrt()).max(0.1);
        if rested {
            // Readers that begin together are further from their next sample than such as are anywhere in theirs.
            work += (readers - 1.0) * ((1.0 - speeds.cv * speeds.cv) / 2.0).max(-0.5);
        }
        self.set_to_work(crew, work / readers);
    }

    fn set_to_work(&mut self, crew: u32, work: f64) {
        self.crews[crew as usize].at_work = true;
        self.readers_at_work += self.spec.readers;
        self.due.push(Reverse(((self.clock + work).to_bits(), crew)));
    }
}

/// A draw of mean 0 and standard deviation 1, near to normal: the sum of eight bytes.
#[must_use]
pub fn bell(bits: u64) -> f64 {
    const MEAN: f64 = 8.0 * 127.5;
    // Of one byte, (256² − 1) / 12.
    const SD: f64 = 209.021_530_9;
    let sum: u32 = bits.to_le_bytes().iter().map(|&byte| u32::from(byte)).sum();
    (f64::from(sum) - MEAN) / SD
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: CrewSpec = CrewSpec {
        ranks: 1,
        crews: 2,
        readers: 1,
        batch: 10,
        in_flight: 4,
        held_back: 0,
        on_demand: false,
        batches: 6,
    };

    fn even(_: u32, _: u64) -> f64 {
        0.0
    }

    /// Two workers that take 1 ns a sample: batches of ten are there at 10, 10, 20, 20, 30, 30. A rank that computes 3 takes
    /// them at 10, 13, 20, 23, 30, 33.
    #[test]
    fn two_workers_by_hand() {
        let passing = [0.0, 1.0, 2.0];
        let speeds = Speeds { passing: &passing, cv: 0.0 };
        let mut steps = Steps::new(SPEC, 0.0);
        steps.begin(speeds, &mut even);
        let mut taken = Vec::new();
        for _ in 0..6 {
            steps.take(speeds, &mut even);
            taken.push(steps.taken_at()[0]);
            let until = steps.now() + 3.0;
            steps.compute_until(until, speeds, &mut even);
        }
        assert_eq!(taken, [10.0, 13.0, 20.0, 23.0, 30.0, 33.0]);
        assert_eq!((steps.completed(), steps.readers_at_work()), (6, 0));
    }

    /// A link for one at a time: two workers take 20 ns for their first batches together.
    #[test]
    fn readers_slow_each_other_down() {
        let passing = [0.0, 1.0, 1.0];
        let speeds = Speeds { passing: &passing, cv: 0.0 };
        let mut steps = Steps::new(SPEC, 0.0);
        steps.begin(speeds, &mut even);
        steps.take(speeds, &mut even);
        assert_eq!(steps.taken_at()[0], 20.0);
    }

    /// Computing takes 100: four batches may be begun beyond the first, so after 20 the workers are idle until it is taken.
    #[test]
    fn what_is_not_taken_holds_up_its_crew() {
        let passing = [0.0, 1.0, 2.0];
        let speeds = Speeds { passing: &passing, cv: 0.0 };
        let mut steps = Steps::new(SPEC, 0.0);
        steps.begin(speeds, &mut even);
        steps.take(speeds, &mut even);
        steps.compute_until(110.0, speeds, &mut even);
        assert_eq!(steps.completed(), 5);
        assert_eq!(steps.readers_at_work(), 0);
        assert_eq!(steps.reading(), 5, "one batch is taken and four are there");
    }

    /// The training loop reads by itself: ten samples at 1 ns, then 3 of compute, and so on.
    #[test]
    fn without_workers_reading_and_computing_alternate() {
        let spec = CrewSpec { crews: 1, in_flight: 1, on_demand: true, ..SPEC };
        let passing = [0.0, 1.0];
        let speeds = Speeds { passing: &passing, cv: 0.0 };
        let mut steps = Steps::new(spec, 0.0);
        steps.begin(speeds, &mut even);
        let mut taken = Vec::new();
        for _ in 0..3 {
            steps.take(speeds, &mut even);
            taken.push(steps.taken_at()[0]);
            let until = steps.now() + 3.0;
            steps.compute_until(until, speeds, &mut even);
        }
        assert_eq!(taken, [10.0, 23.0, 36.0]);
    }

    #[test]
    fn the_bell_has_mean_0_and_sd_1() {
        let draws: Vec<f64> =
            (0..100_000_u64).map(|n| bell(ingestsim_des::draw::Luck::from_bits(n).next().bits())).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let square = draws.iter().map(|draw| draw * draw).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.01 && (square - 1.0).abs() < 0.02, "{mean} {square}");
    }
}
