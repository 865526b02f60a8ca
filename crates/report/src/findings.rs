//! What a reader should see first, as sentences computed from the figures. Charts have them as titles.

use ingestsim_sweep::{ProfileResult, Study};

use crate::{facts, human};

/// Differences below this share of the larger value are not worth a sentence.
const SAME: f64 = 0.01;

/// All of them, in the order in which a reader asks.
#[must_use]
pub fn all(study: &Study) -> [String; 5] {
    [first_batch(study), data_startup(study), utilisation(study), stalls(study), cost(study)]
}

/// The profiles with the smallest and the largest mean of a figure.
struct Ends<'a> {
    least: (&'a ProfileResult, f64),
    most: (&'a ProfileResult, f64),
}

impl<'a> Ends<'a> {
    fn of(study: &'a Study, figure: &str) -> Self {
        let mut values = study.profiles.iter().map(|profile| (profile, profile.summary.mean(figure)));
        let first = values.next().expect("a study has at least one profile");
        values.fold(Self { least: first, most: first }, |ends, next| Self {
            least: if next.1 < ends.least.1 { next } else { ends.least },
            most: if next.1 > ends.most.1 { next } else { ends.most },
        })
    }

    fn are_alike(&self) -> bool {
        self.most.1 - self.least.1 <= SAME * self.most.1.abs()
    }
}

/// Who holds the first batch first, who last, and what takes that one longest.
#[must_use]
pub fn first_batch(study: &Study) -> String {
    let ends = Ends::of(study, "time_to_first_batch_s");
    let (fast, fast_s) = ends.least;
    let (slow, slow_s) = ends.most;
    match study.profiles.len() {
        1 => {
            format!("{} reaches the first batch after {}{}", fast.storage, human::time(fast_s), mostly(fast))
        }
        _ if ends.are_alike() => {
            format!("All profiles reach the first batch after about {}", human::time(slow_s))
        }
        2 => {
            let before = human::time(slow_s - fast_s);
            format!("{} reaches the first batch {before} before {}", fast.storage, slow.storage)
        }
        _ => format!(
            "{} reaches the first batch after {}, {} after {}{}",
            fast.storage,
            human::time(fast_s),
            slow.storage,
            human::time(slow_s),
            mostly(slow)
        ),
    }
}

/// What storage alone takes before training: provisioning, downloading, walk and the wait for the first batch.
#[must_use]
pub fn data_startup(study: &Study) -> String {
    let ends = Ends::of(study, "data_startup_s");
    let (fast, fast_s) = ends.least;
    let (slow, slow_s) = ends.most;
    let of_it = "of the wait for the first batch is the storage's";
    if study.profiles.len() == 1 {
        return format!("{} {of_it}", human::time(fast_s));
    }
    if ends.are_alike() {
        return format!("About {} {of_it} in every profile", human::time(slow_s));
    }
    format!(
        "{} {of_it} with {}, {} with {}",
        human::time(fast_s),
        fast.storage,
        human::time(slow_s),
        slow.storage
    )
}

/// The phase that takes more than half of the time to the first batch.
fn mostly(profile: &ProfileResult) -> String {
    let total = profile.summary.mean("time_to_first_batch_s");
    let phase = facts::largest(&facts::means(profile, facts::PHASES));
    let half = phase.filter(|(_, seconds)| *seconds > total / 2.0);
    half.map(|(phase, _)| format!(", mostly {phase}")).unwrap_or_default()
}

/// Whose GPUs compute most of the loop, and whose least.
#[must_use]
pub fn utilisation(study: &Study) -> String {
    let ends = Ends::of(study, "gpu_utilisation");
    let (best, most) = ends.most;
    let (worst, least) = ends.least;
    if study.profiles.len() == 1 {
        return format!("{} keeps the GPUs busy for {} of the loop", best.storage, human::percent(most));
    }
    if ends.are_alike() {
        return format!("All profiles keep the GPUs busy for about {} of the loop", human::percent(most));
    }
    format!(
        "{} keeps the GPUs busy for {} of the loop, {} for {}",
        best.storage,
        human::percent(most),
        worst.storage,
        human::percent(least)
    )
}

/// Who costs least, and how much more the dearest costs.
#[must_use]
pub fn cost(study: &Study) -> String {
    let ends = Ends::of(study, "cost_total_usd");
    let (cheap, least) = ends.least;
    let (dear, most) = ends.most;
    if study.profiles.len() == 1 {
        let part = facts::largest(&facts::means(cheap, facts::COST_PARTS));
        let share = |(part, usd): (&str, f64)| format!(", {} of it for {part}", human::percent(usd / least));
        return format!(
            "{} costs {}{}",
            cheap.storage,
            human::money(least),
            part.map(share).unwrap_or_default()
        );
    }
    if ends.are_alike() {
        return format!("All profiles cost about {}", human::money(most));
    }
    if least <= 0.0 {
        return format!("{} costs nothing, {} {}", cheap.storage, dear.storage, human::money(most));
    }
    let times = most / least;
    let more = if times < 2.0 {
        format!("{} more", human::percent(times - 1.0))
    } else {
        format!("{times:.1} times as much")
    };
    format!(
        "{} costs least, {}; {} {}, {more}",
        cheap.storage,
        human::money(least),
        dear.storage,
        human::money(most)
    )
}

/// Whose GPUs stall longest, and for what.
#[must_use]
pub fn stalls(study: &Study) -> String {
    let share = |profile: &ProfileResult| {
        let gpu_s = profile.gpu_s();
        if gpu_s > 0.0 { profile.summary.mean("stall_s") / gpu_s } else { 0.0 }
    };
    let shares = study.profiles.iter().map(|profile| (profile, share(profile)));
    let worst = shares.reduce(|worst, next| if next.1 > worst.1 { next } else { worst });
    let (profile, share) = worst.expect("a study has at least one profile");
    let stalls = facts::stalls(profile);
    let Some(first) = stalls.first().filter(|_| share >= 0.0005) else {
        return "No GPU waits for data".to_owned();
    };
    let of_all = first.seconds() / profile.summary.mean("stall_s");
    format!(
        "{} stalls its GPUs for {} of the loop, {} of that through {}",
        profile.storage,
        human::percent(share),
        human::percent(of_all),
        first.cause
    )
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    use super::*;

    /// 102 s with a download, 24 s with a mount.
    #[test]
    fn two_profiles_are_compared_and_one_is_explained() {
        let mut study = fixture::study();
        assert_eq!(first_batch(&study), "lustre reaches the first batch 1.3 min before download");
        study.profiles.truncate(1);
        assert_eq!(first_batch(&study), "download reaches the first batch after 1.7 min, mostly downloading");
    }

    #[test]
    fn of_many_the_ends_are_named() {
        let mut study = fixture::study();
        study.profiles.push(fixture::profile("third", &[90.0]));
        let sentence = "third reaches the first batch after 24 s, download after 1.7 min, mostly downloading";
        assert_eq!(first_batch(&study), sentence.replace("third", "lustre"));
    }

    /// 90 s of download or 12 s of mount, and 2 s until the first batch.
    #[test]
    fn data_start_up_is_set_apart_from_the_rest() {
        let sentence =
            "14 s of the wait for the first batch is the storage's with lustre, 1.53 min with download";
        assert_eq!(data_startup(&fixture::study()), sentence);
    }

    #[test]
    fn what_is_alike_is_called_so() {
        let study = fixture::study();
        assert_eq!(utilisation(&study), "All profiles keep the GPUs busy for about 80 % of the loop");
    }

    /// $0.10 and $0.08: a quarter more.
    #[test]
    fn costs_are_compared_by_their_ratio() {
        let sentence = "lustre costs least, $0.08; download $0.10, 25 % more";
        assert_eq!(cost(&fixture::study()), sentence);
    }

    /// Of 200 GPU-seconds 40 are stalls, half of them for metadata.
    #[test]
    fn the_longest_stall_is_named_with_its_cause() {
        let sentence = "download stalls its GPUs for 20 % of the loop, 50 % of that through metadata";
        assert_eq!(stalls(&fixture::study()), sentence);
    }
}
