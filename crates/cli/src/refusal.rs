//! Options that most commands have and some cannot: why not, in one sentence, instead of a list of what there is.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;

/// Options that say what is simulated and how.
const SIMULATING: [&str; 8] = [
    "--set",
    "--seed",
    "--replications",
    "--threads",
    "--fidelity",
    "--check-fidelity",
    "--storage",
    "--fail-if",
];

/// Commands that simulate nothing, and what they do instead.
const IDLE: [(&str, &str); 4] = [
    ("plot", "it simulates nothing: it draws what the folder's tables hold"),
    ("check", "it simulates nothing: it tells whether the scenario is right"),
    ("catalog", "it simulates nothing: it lists what is built in"),
    ("init", "it simulates nothing: it writes a scenario to start from"),
];

/// Options that leave or print something, and why a command has none of them.
const LEAVES: [(&str, &[&str], &str); 4] = [
    ("check", &["--out", "--format"], "it leaves nothing: its answer is what it prints"),
    ("catalog", &["--out", "--format"], "it leaves nothing: its answer is what it prints"),
    ("plot", &["--json"], "its answer is pictures; the tables in the folder hold what they show"),
    ("plot", &["--out", "--format"], "charts and report go where the tables are, which stay as they are"),
];

/// What one command cannot do that others can.
const OWN: [(&str, &[&str], &str); 13] = [
    (
        "merge",
        &["--set", "--seed", "--replications", "--storage"],
        "the runs are done, and scenario.toml in the folder says of what; a sweep of something else is another sweep",
    ),
    (
        "merge",
        &["--check-fidelity"],
        "it simulates nothing; `ingestsim sweep --shard K/N --check-fidelity` checks its runs",
    ),
    (
        "merge",
        &["--out"],
        "the tables go beside the journals they are made of, so that a later shard can be joined too",
    ),
    ("merge", &["--shard"], "it joins all shards that the folder holds"),
    (
        "explain",
        &["--check-fidelity"],
        "what it tries is compared run by run at one fidelity; --fidelity exact leaves no sample out",
    ),
    (
        "recommend",
        &["--fidelity"],
        "it looks at each set-up as closely as its rank needs, and runs the first and the last in full; `ingestsim run` on \
         the scenario.toml that it leaves takes a --fidelity",
    ),
    (
        "recommend",
        &["--check-fidelity"],
        "it runs the first and the last set-ups in full anyway, and says how far off they were",
    ),
    (
        "recommend",
        &["--storage"],
        "it ranks every set-up that there is; `ingestsim compare` takes a choice of them",
    ),
    (
        "sweep",
        &["--storage"],
        "profiles are an axis of the grid: --set 'sweep.grid.storage=[\"NAME\"]' runs the points of one",
    ),
    ("reproduce", &["--replications"], "every item says itself how many runs its figures take"),
    (
        "reproduce",
        &["--check-fidelity", "--storage"],
        "its items are exact unless --fidelity says otherwise, and about all of their profiles",
    ),
    (
        "validate",
        &["--check-fidelity"],
        "it is exact unless --fidelity says otherwise, and then its errors tell what that costs",
    ),
    ("validate", &["--storage"], "the beginning of a figure's id, such as mlperf, picks among the cases"),
];

/// Options of one command alone, and what it is that only that one does.
const ALONE: [(&[&str], &str); 4] = [
    (&["--shard"], "only `ingestsim sweep` runs one part of many"),
    (&["--against"], "only `ingestsim compare` holds profiles against one of them"),
    (
        &["--max-cost", "--min-utilisation", "--deadline"],
        "only `ingestsim recommend` leaves out set-ups beyond a limit; --fail-if guards a figure where runs are told",
    ),
    (&["--jobs-per-month"], "only `ingestsim recommend` shares storage between the jobs of a month"),
];

/// The refusal of an option that the command cannot have, if that is what was wrong with the command line.
pub(crate) fn of(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> Option<Failure> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let option = option.split(['=', ' ']).next().unwrap_or_default();
    let mut words = arguments.skip(1).map(|word| word.to_string_lossy().into_owned());
    let command = words.find(|word| !word.starts_with('-'))?;
    let why = why(&command, option)?;
    Some(Failure::input(format!("{command} takes no {option}: {why}")))
}

fn why(command: &str, option: &str) -> Option<&'static str> {
    let named = |rows: &[(&str, &[&str], &'static str)]| {
        let row = rows.iter().find(|(name, options, _)| *name == command && options.contains(&option));
        row.map(|(_, _, why)| *why)
    };
    let idle = || {
        let row = IDLE.iter().find(|(name, _)| *name == command && SIMULATING.contains(&option));
        row.map(|(_, why)| *why)
    };
    let alone = || ALONE.iter().find(|(options, _)| options.contains(&option)).map(|(_, why)| *why);
    named(&OWN).or_else(|| named(&LEAVES)).or_else(idle).or_else(alone)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::Cli;

    /// What a command has is not refused, and what is refused belongs to a command that there is.
    #[test]
    fn only_what_a_command_lacks_is_refused() {
        let program = Cli::command();
        for (command, options, _) in OWN.iter().chain(&LEAVES) {
            let known = program.find_subcommand(command).unwrap_or_else(|| panic!("{command} is a command"));
            for option in *options {
                let has = known.get_arguments().any(|one| one.get_long() == option.strip_prefix("--"));
                assert!(!has, "{command} has {option}");
            }
        }
    }

    /// The options that are promised everywhere are there or refused with a reason.
    #[test]
    fn every_common_option_is_there_or_refused_with_a_reason() {
        let common = ["--set", "--seed", "--replications", "--threads", "--out", "--catalog", "--fidelity"];
        let common = common.into_iter().chain(["--check-fidelity", "--format", "--json", "--quiet"]);
        let program = Cli::command();
        let commands =
            program.get_subcommands().filter(|one| !["completions", "init"].contains(&one.get_name()));
        for (command, option) in commands.flat_map(|one| common.clone().map(move |option| (one, option))) {
            let has = command.get_arguments().any(|one| one.get_long() == option.strip_prefix("--"));
            assert!(has || why(command.get_name(), option).is_some(), "{} {option}", command.get_name());
        }
    }
}
