//! A capacity that groups share, steady or with burst credits.

use std::cmp::Ordering;

use ingestsim_units::{Bytes, Rate};

use crate::resource::shared::{
    Cause, Load, checked,
    fixed::{self, FRACTION_BITS, NEVER},
};

/// A capacity of a [`FairMesh`](super::FairMesh), and the cause under which transfers it binds are booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constraint {
    /// How much passes.
    pub limit: Limit,
    /// What its transfers' time is booked under while it binds them.
    pub cause: Cause,
}

/// How much a constraint lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Always the same.
    Steady(Rate),
    /// More while credits last.
    Credit(Burst),
}

/// Burst credits: `burst` while there are any, `baseline` once they are spent.
///
/// All four amounts are metered: a transferred byte counts as `meter_num / meter_den` bytes, so with 1/3 a read may go
/// at three times the rates given here, as on EFS. Credits are spent at metered usage − baseline, and come back where
/// that is negative, up to `depth`. Spent credits stay spent while transfers ask for at least the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// What passes without credits.
    pub baseline: Rate,
    /// What passes with credits.
    pub burst: Rate,
    /// How many credits there may be.
    pub depth: Bytes,
    /// How many there are at time zero.
    pub level: Bytes,
    /// The weight of a transferred byte, above the line.
    pub meter_num: u32,
    /// The weight of a transferred byte, below the line.
    pub meter_den: u32,
}

/// A constraint at work.
#[derive(Debug, Clone)]
pub(super) struct Rope {
    pub(super) cause: Cause,
    capacity: u64,
    /// The groups that cross it, with transfers or without.
    pub(super) groups: Vec<u32>,
    pub(super) credit: Option<Credit>,
    /// The rate allocated since `since`.
    used: u64,
    since: u64,
    load: Load,
    /// How many groups it holds back.
    pub(super) binding: u32,
    /// Whether the groups whose rates are being found cross it.
    pub(super) crossed: bool,
    /// Whether one of them uses it differently.
    pub(super) stirred: bool,
    /// What progressive filling has left of the capacity.
    left: u64,
    /// What those whose rates are being found used so far.
    given_back: u64,
    /// Transfers whose rate is still to be found.
    open: u64,
    /// What it offered them last.
    pub(super) share: u64,
    /// Whether it was the tightest to all of them then.
    pub(super) decides: bool,
}

/// Credits in 2^-40 metered bytes, all amounts times the denominator of the meter in lowest terms, so that everything is
/// whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credit {
    capacity_baseline: u64,
    capacity_burst: u64,
    depth: u128,
    level: u128,
    num: u64,
    den: u128,
    /// What comes in, and how fast the level falls at most.
    income: u128,
    drain_max: u128,
    /// Whether there were none when rates were found: the baseline is all that passes.
    spent: bool,
    /// Whether they stay spent, the baseline being used up.
    held: bool,
}

impl Rope {
    pub(super) fn new(constraint: &Constraint) -> Self {
        let credit = match constraint.limit {
            Limit::Steady(_) => None,
            Limit::Credit(burst) => Some(Credit::new(&burst)),
        };
        let capacity = match constraint.limit {
            Limit::Steady(rate) => fixed::speed(rate),
            Limit::Credit(_) => credit.map_or(0, |credit| credit.capacity()),
        };
        Self {
            cause: checked(constraint.cause),
            capacity,
            groups: Vec::new(),
            credit,
            used: 0,
            since: 0,
            load: Load::default(),
            binding: 0,
            crossed: false,
            stirred: false,
            left: 0,
            given_back: 0,
            open: 0,
            share: 0,
            decides: false,
        }
    }

    /// Books what it carried up to `now`.
    pub(super) fn book(&mut self, now: u64) {
        let ns = now - self.since;
        if ns > 0 {
            self.load.carry(self.used.into(), ns);
            if let Some(credit) = &mut self.credit {
                credit.elapse(self.used, ns);
            }
            self.since = now;
        }
    }

    /// Exchanges one allocated rate for another from `now` on; while several groups exchange theirs the sum may wrap.
    #[inline]
    pub(super) fn exchange(&mut self, now: u64, old: u64, new: u64) {
        self.book(now);
        self.used = self.used.wrapping_add(new).wrapping_sub(old);
    }

    pub(super) fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Changes a steady capacity.
    pub(super) fn set_capacity(&mut self, rate: Rate) {
        assert!(self.credit.is_none(), "a constraint with credits keeps its rates");
        self.capacity = fixed::speed(rate);
    }

    /// Whether it holds nobody back, and does not either once a group that takes `flow` wants `wanted`.
    pub(super) fn has_room(&self, flow: u64, wanted: u128) -> bool {
        self.binding == 0 && u128::from(self.used - flow) + wanted <= u128::from(self.capacity)
    }

    /// Before rates are found: nobody is open.
    pub(super) fn begin(&mut self) {
        self.crossed = true;
        self.stirred = false;
        self.given_back = 0;
        self.open = 0;
    }

    /// Opens the `n` transfers of a group, which had `flow` so far.
    pub(super) fn open(&mut self, n: u64, flow: u64) {
        self.open += n;
        self.given_back += flow;
    }

    /// Leaves those who are not open what they have.
    pub(super) fn keep_from_others(&mut self) {
        self.left = self.capacity.saturating_sub(self.used - self.given_back);
        self.decides = false;
    }

    /// Offers open transfers equal shares of what is left; tells whether there are any.
    pub(super) fn offer(&mut self) -> bool {
        let Some(share) = self.left.checked_div(self.open) else { return false };
        self.share = share;
        self.decides = true;
        true
    }

    /// Closes `n` transfers at `rate`.
    pub(super) fn close(&mut self, n: u64, rate: u64) {
        self.left -= n * rate;
        self.open -= n;
    }

    pub(super) fn observe(&mut self) {
        self.load.observe(self.used.into(), self.capacity);
    }

    pub(super) fn load(&self) -> Load {
        self.load
    }

    /// Credits in whole metered bytes.
    pub(super) fn level(&self) -> Option<Bytes> {
        self.credit.map(|credit| Bytes::new(((credit.level / credit.den) >> FRACTION_BITS) as u64))
    }

    /// Loses credits to what is outside the mesh. When they run out has to be found anew.
    pub(super) fn spend(&mut self, metered: Bytes) {
        if let Some(credit) = &mut self.credit {
            credit.level = credit.level.saturating_sub(fixed::work(metered) * credit.den);
        }
    }

    /// Before rates are found: spent credits leave the baseline, others the burst.
    pub(super) fn open_credit(&mut self, now: u64) -> Opened {
        self.book(now);
        let Some(credit) = &mut self.credit else { return Opened::AsBefore };
        credit.spent = credit.level == 0;
        let before = std::mem::replace(&mut self.capacity, credit.capacity());
        match self.capacity.cmp(&before) {
            Ordering::Less => Opened::Fallen,
            Ordering::Equal => Opened::AsBefore,
            Ordering::Greater => Opened::Risen,
        }
    }

    /// After rates are found: notes whether spent credits stay spent, and tells whether they are.
    ///
    /// They come back only while the baseline holds nobody back and more than a millionth of it is left over: what rounding
    /// leaves is not saved, or credits would come and go with every nanosecond.
    pub(super) fn close_credit(&mut self) -> bool {
        self.observe();
        let Some(credit) = &mut self.credit else { return false };
        let baseline = credit.capacity_baseline;
        let used_up = self.used + (baseline >> 20) >= baseline;
        credit.held = credit.spent && (self.binding > 0 || used_up);
        credit.spent
    }

    /// When credits run out at the present rates, and a time before which they cannot at any.
    pub(super) fn runs_out(&mut self, now: u64) -> (u64, u64) {
        self.book(now);
        let Some(credit) = &self.credit else { return (NEVER, NEVER) };
        (now.saturating_add(credit.lasts(self.used)), now.saturating_add(credit.lasts_at_least()))
    }
}

/// What became of a capacity with credits before rates are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    AsBefore,
    /// The credits are spent.
    Fallen,
    /// There are credits again.
    Risen,
}

impl Credit {
    fn new(burst: &Burst) -> Self {
        assert!(burst.meter_num > 0 && burst.meter_den > 0, "a transferred byte has some weight");
        assert!(
            burst.meter_num < 1 << 16 && burst.meter_den < 1 << 16,
            "a weight has at most 16 bits on each side"
        );
        assert!(burst.level <= burst.depth, "credits lie within the depth");
        let common = gcd(burst.meter_num, burst.meter_den);
        let num = u64::from(burst.meter_num / common);
        let den = u128::from(burst.meter_den / common);
        let capacity = |rate: Rate| {
            let passes = u128::from(fixed::speed(rate)) * den / u128::from(num);
            u64::try_from(passes).unwrap_or(fixed::RATE_MAX).min(fixed::RATE_MAX)
        };
        let level = fixed::work(burst.level) * den;
        let income = u128::from(fixed::speed(burst.baseline)) * den;
        let drain_max = (u128::from(capacity(burst.burst)) * u128::from(num)).saturating_sub(income);
        Self {
            capacity_baseline: capacity(burst.baseline),
            capacity_burst: capacity(burst.burst),
            depth: fixed::work(burst.depth) * den,
            level,
            num,
            den,
            income,
            drain_max,
            spent: level == 0,
            held: false,
        }
    }

    fn capacity(&self) -> u64 {
        if self.spent { self.capacity_baseline } else { self.capacity_burst }
    }

    /// How long credits last with `used` allocated.
    fn lasts(&self, used: u64) -> u64 {
        if self.spent {
            return NEVER;
        }
        match (u128::from(used) * u128::from(self.num)).checked_sub(self.income) {
            None | Some(0) => NEVER,
            Some(drain) => u64::try_from(self.level.div_ceil(drain)).unwrap_or(NEVER),
        }
    }

    /// How long they last with all allocated that passes.
    fn lasts_at_least(&self) -> u64 {
        if self.spent {
            return NEVER;
        }
        self.level.checked_div(self.drain_max).map_or(NEVER, |ns| u64::try_from(ns).unwrap_or(NEVER))
    }

    #[inline]
    fn elapse(&mut self, used: u64, ns: u64) {
        if self.held {
            return;
        }
        let (spent, earned) = (u128::from(used) * u128::from(self.num), self.income);
        let ns = u128::from(ns);
        self.level = if spent > earned {
            self.level.saturating_sub((spent - earned) * ns)
        } else {
            self.depth.min(self.level.saturating_add((earned - spent).saturating_mul(ns)))
        };
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
