//! The world of one run: its entities, the closed list of events, and the one place where events are told apart.
//!
//! Components are state machines that say what starts; only the world schedules. Every entity has one thing ahead of
//! it: a reader its delay or its transfer, a rank the end of its compute, a lane its next step.
//!
//! A sample passes about a dozen small functions. Those with one frequent caller are always inlined: entering and leaving
//! them, and finding the same reader and rank again in each, was about a tenth of a run's instructions.

mod accounts;
mod assemble;
mod book;
mod bound;
mod by_steps;
mod ledger;
mod pace;
mod rank;
mod reader;
mod restoring;
mod result;
mod stages;
mod stream;
mod tally;
mod training;
mod trial;
mod writing;

use ingestsim_des::{
    agenda::{Agenda, Slot},
    draw::Stream as Luck,
    history::History,
};
use ingestsim_units::{SimTime, Span};

use crate::{
    cache::Cache,
    dataset::Sizes,
    fidelity::Fidelity,
    laws::BrokenLaw,
    network::{LinkId, Network, Role},
    outcome::Outcome,
    plan::Plan,
    tier::{fabric::Lanes, lazy_restore::Restores, request_limit::RequestLimit},
};
use accounts::Accounts;
use gate::Gate;
use pace::{Pace, Thin};
use rank::Rank;
use reader::Reader;
use stream::ShardStream;
use tally::Tally;
use training::Lane;

mod gate;

/// What can happen at a point in time, links aside. The agenda keeps slots alone: what is ahead of one follows from its
/// entity's state.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A reader's delay is over: admission and latency, a restore's latency, or a decode.
    Reader(u32),
    /// A rank's loader is ready to read.
    Primed(u32),
    /// A rank's compute has ended.
    Computed(u32),
    /// All ranks of a lane may begin their next step.
    Step(u32),
    /// A trial begins its loop on a lane.
    Launch(u32),
}

/// Everything that changes in a run.
pub(crate) struct World<'p> {
    plan: &'p Plan,
    now: SimTime,
    agenda: Agenda<()>,
    history: History,
    network: Network,
    /// Links of the cores: one a node from here on, where decoding is shared.
    cpu_links: Option<LinkId>,
    restore_link: Option<LinkId>,
    /// The link of checkpoints that go elsewhere.
    write_link: Option<LinkId>,
    /// Links of the clients' caches: one a node from here on.
    client_cache_links: Option<LinkId>,
    /// Readers of all ranks; where shards are streamed, their fetchers come behind them.
    readers: Vec<Reader>,
    ways: Ways,
    /// What each reader has spent its time on since its rank began to wait.
    accounts: Accounts,
    streams: Vec<ShardStream>,
    /// Which of its open shards the last record of each reader came from, where shards are streamed.
    turns: Vec<u32>,
    ranks: Vec<Rank>,
    lanes: Vec<Lane>,
    /// One set for all nodes, or one for each.
    gates: Vec<Vec<Gate>>,
    /// Whether chance decides what is at hand, some cache not knowing its residents.
    chance_decides: bool,
    /// Whether reads pass a cache on their node.
    caches_reads: bool,
    /// Whether some cache on a node tracks what is read.
    keeps_reads: bool,
    page_caches: Vec<Cache>,
    sample_caches: Vec<Cache>,
    client_caches: Vec<Cache>,
    server_ram: Option<Cache>,
    server_ssd: Option<Cache>,
    /// Constraints of the read link that have credits.
    credits: Vec<u32>,
    restores: Option<Restores>,
    request_limit: Option<RequestLimit>,
    sizes: Sizes,
    luck: Lucks,
    trials_submitted: u32,
    pace: Pace,
    /// What a thinned run knows of its error; nothing where every step is simulated.
    thin: Option<Thin>,
    /// How its samples were stood for, where not all of them were simulated.
    approximation: Option<Approximation>,
    tally: Tally,
}

/// The ways that reads take from where the data is.
#[derive(Debug, Clone, Copy)]
enum Ways {
    /// Each node reads its own volume.
    Volumes,
    /// All that a node reads from the service goes one way.
    Nodes,
    /// Ways that differ by server and by where it has the file.
    Lanes(Lanes),
}

/// What a run that does not simulate every sample says of itself.
#[derive(Debug, Clone)]
struct Approximation {
    what: String,
    /// The relative error of the loop's length, by its own estimate.
    error: f64,
}

/// The named uses of chance.
struct Lucks {
    latency: Luck,
    backoff: Luck,
    restore: Luck,
    step_time: Luck,
    order: Luck,
    server: Luck,
    phases: Luck,
    failures: Luck,
    cache: Luck,
}

/// Runs one replication of a plan at a fidelity.
///
/// # Errors
///
/// If the run breaks one of the laws that every run is checked against.
pub(crate) fn run(plan: &Plan, replication: u64, fidelity: Fidelity) -> Result<Outcome, BrokenLaw> {
    if fidelity == Fidelity::Bound {
        return bound::run(&plan.with_untracked_caches(), replication);
    }
    let exact = fidelity == Fidelity::Exact || fidelity == Fidelity::Auto && plan.is_small();
    if exact {
        return World::new(plan, replication).finish(replication);
    }
    let Some(mut thinned) = plan.thinned() else {
        let why = "shards, checkpoints, a duration or several trials at a time are not thinned";
        return World::new(plan, replication).finish(replication).map(|outcome| outcome.because(why));
    };
    let mut reason = None;
    if matches!(fidelity, Fidelity::Fast | Fidelity::Auto | Fidelity::Brief(_)) {
        match by_steps::run(&thinned, replication) {
            Ok(outcome) => return outcome,
            Err(why) => reason = Some(why),
        }
    }
    let with_reason = |outcome: Outcome| match &reason {
        Some(why) => outcome.not_by_steps(why),
        None => outcome,
    };
    let thinning = thinned.thinning(fidelity);
    let sketched = matches!(fidelity, Fidelity::Sketch(_) | Fidelity::Brief(_));
    if sketched {
        thinned.shrink_credits(thinning);
    }
    let mut world = World::new(&thinned, replication);
    world.thin = Some(Thin::new(thinning));
    world.simulate();
    match world.refusal() {
        _ if sketched => world.result(replication).map(with_reason),
        None => world.result(replication).map(with_reason),
        Some(why) => World::new(plan, replication)
            .finish(replication)
            .map(|outcome| outcome.because(&why))
            .map(with_reason),
    }
}

impl World<'_> {
    /// Runs to the end, and reports.
    fn finish(mut self, replication: u64) -> Result<Outcome, BrokenLaw> {
        self.simulate();
        self.result(replication)
    }

    fn simulate(&mut self) {
        self.launch_first_trials();
        while self.advance() {}
    }

    /// Lets the next thing happen; `false` when nothing is ahead.
    #[inline(always)]
    fn advance(&mut self) -> bool {
        let (link_at, link) = self.network.next();
        let Some((at, slot, ())) = self.agenda.pop_before(link_at) else {
            if link_at == SimTime::NEVER {
                return false;
            }
            self.now = link_at;
            self.history.push(link_at, u64::from(link.0) << 32);
            while self.end_on(link) {}
            return true;
        };
        self.now = at;
        self.history.push(at, slot);
        match self.event(slot) {
            Event::Reader(reader) => self.delay_is_over(reader),
            Event::Primed(rank) => self.loader_is_primed(rank),
            Event::Computed(rank) => self.rank_has_computed(rank),
            Event::Step(lane) => self.go_on(lane),
            Event::Launch(lane) => self.begin_loop(lane),
        }
        true
    }

    /// Takes one of those that are due on a link; whether more are.
    #[inline(never)]
    fn end_on(&mut self, link: LinkId) -> bool {
        let Some(reader) = self.network.end(link, self.now) else { return false };
        match self.network.role(link) {
            Role::Read | Role::Write if self.is_written(reader) => {}
            Role::Read | Role::Write | Role::ClientCache => self.bytes_have_arrived(reader),
            Role::Cpu => self.sample_is_decoded(reader),
            Role::Restore => self.file_is_restored(reader),
        }
        self.network.is_due(link, self.now)
    }

    #[inline]
    fn schedule_reader(&mut self, reader: u32, after: Span) {
        self.agenda.schedule(Slot::new(reader), self.now + after, ());
    }

    /// What the time of a slot means that has come.
    #[inline]
    fn event(&self, slot: Slot) -> Event {
        let Some(index) = slot.index().checked_sub(self.readers.len()) else {
            return Event::Reader(slot.index() as u32);
        };
        match index.checked_sub(self.ranks.len()) {
            None if self.ranks[index].primed => Event::Computed(index as u32),
            None => Event::Primed(index as u32),
            Some(lane) if self.lanes[lane].in_loop => Event::Step(lane as u32),
            Some(lane) => Event::Launch(lane as u32),
        }
    }

    fn rank_slot(&self, rank: u32) -> Slot {
        Slot::new(self.readers.len() as u32 + rank)
    }

    fn lane_slot(&self, lane: u32) -> Slot {
        Slot::new((self.readers.len() + self.ranks.len()) as u32 + lane)
    }
}
