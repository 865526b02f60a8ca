//! What is said about what the catalog does not hold.

use ingestsim_catalog::Catalog;

use crate::{edited, extended, load};

/// What the catalog's check says about a text that is otherwise right.
fn mistake(text: &str) -> String {
    let loaded = load(text, &[]).expect("only the catalog finds the mistake");
    loaded.check_catalog(&Catalog::builtin()).expect_err("the catalog does not hold it").render(false)
}

#[test]
fn an_instance_type_gets_a_suggestion() {
    assert_eq!(
        mistake(&edited("ml.p3.2xlarge", "ml.p3.2xlrage")),
        r#"base.toml:8:12: job.instance: expected an instance type of the catalog, found "ml.p3.2xlrage"
  |
8 | instance = "ml.p3.2xlrage"
  |            ^^^^^^^^^^^^^^^
  |
  = help: did you mean "ml.p3.2xlarge"?
"#
    );
}

/// SCRATCH_2 is sold in 1.2, 2.4 and then steps of 2.4 TiB of 1,000 GiB each.
#[test]
fn a_capacity_that_is_not_sold_gets_its_neighbours() {
    assert_eq!(
        mistake(&edited("2.4 TiB", "3.6 TiB")),
        r#"base.toml:21:12: storage.lustre.fsx-lustre.capacity: expected a capacity that "scratch-2" is sold in, found "3.6 TiB"
   |
21 | capacity = "3.6 TiB"
   |            ^^^^^^^^^
   |
   = help: the nearest are "2400 GiB" and "4800 GiB"
"#
    );
}

#[test]
fn the_smallest_capacity_has_one_neighbour() {
    let text = mistake(&edited("2.4 TiB", "100 GiB"));
    assert!(text.ends_with("   = help: the nearest is \"1200 GiB\"\n"), "{text}");
}

#[test]
fn a_price_id_gets_a_suggestion() {
    assert_eq!(
        mistake(&extended("[prices]\n\"s3.price_got\" = 0.1")),
        r#"base.toml:25:1: prices."s3.price_got": expected a price id of the catalog, found "s3.price_got"
   |
25 | "s3.price_got" = 0.1
   | ^^^^^^^^^^^^^^
   |
   = help: did you mean "s3.price_get"?
"#
    );
}

#[test]
fn nvme_needs_an_instance_that_has_it() {
    assert_eq!(
        mistake(&edited("mode = \"fast-file\"", "mode = \"file\"\nvolume = \"nvme\"")),
        r#"base.toml:18:10: storage.stream.s3.volume: expected an instance with NVMe, found ml.p3.2xlarge without any
   |
18 | volume = "nvme"
   |          ^^^^^^
"#
    );
}

/// 8 GPUs with a batch of 2,000 each want 16,000 samples a step, and an epoch has 10,000.
#[test]
fn a_batch_has_to_fit_on_all_gpus() {
    let text = edited(
        "instance = \"ml.p3.2xlarge\"\nbatch-size = 64",
        "instance = \"ml.p3.16xlarge\"\nbatch-size = 2000",
    );
    assert_eq!(
        mistake(&text),
        r#"base.toml:9:14: job.batch-size: expected a batch that the 10000 samples of an epoch fill on all 8 ranks, found 2000 × 8
  |
9 | batch-size = 2000
  |              ^^^^
"#
    );
}

#[test]
fn scratch_1_is_sold_in_steps_of_its_own() {
    let text = edited("\"scratch-2\"\ncapacity = \"2.4 TiB\"", "\"scratch-1\"\ncapacity = \"4.8 TiB\"");
    let text = mistake(&text);
    assert!(text.ends_with("   = help: the nearest are \"3600 GiB\" and \"7200 GiB\"\n"), "{text}");
}
