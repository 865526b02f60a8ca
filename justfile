# The chores. `just` alone lists them; cargo is all they need, but for `bench-peers` and `guard`, which install the rest.

[private]
default:
    @just --list

# Runs every test
test *args:
    cargo test --workspace {{ args }}

# Checks format, lints and documentation
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Formats the sources
fmt:
    cargo fmt --all

# Runs a scenario: just run scenarios/examples/caltech-small-files.toml
run scenario="scenarios/study-guide/example-1.toml" *args:
    cargo run --release -- run {{ scenario }} {{ args }}

# Takes the present answers as the golden ones; read the diff
bless:
    BLESS=1 cargo test -p ingestsim-cli --test it golden
    git diff --stat -- scenarios

# Makes the committed results anew
results:
    cargo run --release -- run scenarios/study-guide/example-1.toml --out results/study-guide
    cargo run --release -- reproduce --out results
    for scenario in example-1 rule-s3 rule-efs rule-fsx; do cargo run --release -- recommend scenarios/study-guide/$scenario.toml --out results/study-guide || exit 1; done
    cargo run --release -- validate --out results

# Runs the benchmarks
bench *args:
    cargo bench -p ingestsim-benches {{ args }}

# Measures everything that is promised of speed; `just targets --long` also what takes minutes
targets *args:
    cargo run --release -p ingestsim-benches --bin targets -- {{ args }}

# Compares with other simulators, after installing them
bench-peers:
    .ci/peers
    cargo run --release -p ingestsim-benches --bin peers

# Fails if a sample takes 5 % more instructions than recorded
guard:
    .ci/guard

# Makes the study of how cost grows anew
scaling *args:
    cargo run --release -p ingestsim-benches --bin scaling -- {{ args }}

# Everything that a change must pass
ci:
    .ci/run
