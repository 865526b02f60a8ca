# The chores. `just` alone lists them; cargo is all they need.

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
    cargo run --release -- validate --out results

# Runs the benchmarks
bench *args:
    cargo bench -p ingestsim-benches {{ args }}

# Everything that a change must pass
ci:
    .ci/run
