//! What a job goes through before and after its loop.

use crate::scene::{near, run};

/// A thousand objects of 1 MB, copied with 10 s to begin with, 5 ms an object and 100 MB/s: 25 s; a loop of about 0.
fn copied(keys: &str) -> ingestsim_model::Outcome {
    run(&format!(
        r#"
        dataset = {{ files = 1_000, file-size = "1 MB" }}
        job.steps = 1
        loader.tf-data = {{}}
        {keys}
        [storage.copied.s3]
        mode = "file"
        volume.gp3 = {{ size = "100 GB", rate = "500 MB/s" }}
        downloader = {{ fixed = "10 s", per-object = "5 ms", rate = "100 MB/s" }}
        "#
    ))
}

/// 10 + 1,000 × 5 ms + 1 GB / 100 MB/s = 25 s. With an interface of 50 MB/s 35 s; on two nodes each has its own copy in
/// the same time.
#[test]
fn a_download_takes_its_fixed_part_its_objects_and_its_bytes() {
    near(copied("").summary.downloading_s, 25.0, 1e-9);
    near(copied("job.node.nic.baseline = \"50 MB/s\"").summary.downloading_s, 35.0, 1e-9);
    near(copied("job.instances = 2").summary.downloading_s, 25.0, 1e-9);
}

/// 400 MB/s of downloader into a volume of 125 MB/s: 10 + 5 + 8 s. Two copies at a time halve the cost per object; two
/// nodes that share the objects by key copy 500 each.
#[test]
fn a_download_is_bounded_by_its_volume_and_shared_by_key() {
    let downloading_s = |keys: &str| {
        run(&format!(
            r#"
            dataset = {{ files = 1_000, file-size = "1 MB" }}
            job = {{ steps = 1, instances = 2 }}
            loader.tf-data = {{}}
            [storage.copied.s3]
            mode = "file"
            volume.gp3 = {{ size = "100 GB", rate = "125 MB/s" }}
            {keys}
            "#
        ))
        .summary
        .downloading_s
    };
    let downloader = r#"downloader = { fixed = "10 s", per-object = "5 ms", rate = "400 MB/s" }"#;
    near(downloading_s(downloader), 10.0 + 5.0 + 8.0, 1e-9);
    let two_at_a_time =
        r#"downloader = { fixed = "10 s", per-object = "5 ms", rate = "400 MB/s", concurrency = 2 }"#;
    near(downloading_s(two_at_a_time), 10.0 + 2.5 + 8.0, 1e-9);
    near(downloading_s(&format!("{downloader}\nreplication = \"sharded-by-key\"")), 10.0 + 2.5 + 4.0, 1e-9);
}

/// A volume that does not hold what is copied to it is refused.
#[test]
fn a_full_volume_is_an_error() {
    let error = crate::scene::built(
        r#"
        dataset = { files = 1_000, file-size = "1 MB" }
        loader.tf-data = {}
        storage.copied.s3 = { mode = "file", volume.gp2.size = "500 MB" }
        "#,
    );
    let message = error.expect_err("a gigabyte does not fit into half of one").to_string();
    assert!(message.starts_with("storage.copied.s3.volume: expected a volume that holds"), "{message}");
}

const PHASES: &str = r#"
job.service = "sagemaker"
job.phases.starting = "116 s"
job.phases.image-pull = "30 s"
job.phases.framework-start = "41 s"
job.phases.uploading = "5 s"
"#;

/// SageMaker does not bill the 116 s of starting. The copy of 25 s hides as much of the image's 30 s: the loop begins after
/// 116 + 25 + 5 + 41 s, of which 71 are billed, and 5 s of uploading follow.
#[test]
fn a_copy_hides_the_image_pull() {
    let summary = copied(PHASES).summary;
    near(summary.image_pull_s, 5.0, 1e-9);
    near(summary.time_to_first_batch_s - summary.first_batch_wait_s, 187.0, 1e-9);
    near(summary.startup_billed_s - summary.first_batch_wait_s, 71.0, 1e-9);
    near(summary.data_startup_s - summary.first_batch_wait_s, 25.0, 1e-9);
    near(summary.total_s - summary.loop_s, 192.0, 1e-9);
    near(summary.billed_s - summary.loop_s, 76.0, 1e-9);
    near(summary.training_s - summary.loop_s, 46.0, 1e-9);
    near(summary.starting_s, 116.0, 1e-9);
    near(summary.framework_start_s, 41.0, 1e-9);
    near(summary.uploading_s, 5.0, 1e-9);
}

/// A mount of 12 s hides nothing; a walk over 1,000 files at 100 a second comes before the loop; EC2 bills its start.
#[test]
fn a_mount_and_a_walk_hide_nothing() {
    let summary = |service: &str| {
        run(&format!(
            r#"
            dataset = {{ files = 1_000, file-size = "1 MB" }}
            loader.tf-data = {{}}
            storage.own.parallel-fs.walk-rate = "100 /s"
            job.steps = 1
            job.service = "{service}"
            job.phases = {{ starting = "100 s", image-pull = "30 s", framework-start = "40 s", walk = true }}
            "#
        ))
        .summary
    };
    let (sagemaker, ec2) = (summary("sagemaker"), summary("ec2"));
    near(sagemaker.downloading_s, 12.0, 1e-9);
    near(sagemaker.image_pull_s, 30.0, 1e-9);
    near(sagemaker.walk_s, 10.0, 1e-9);
    near(sagemaker.data_startup_s - sagemaker.first_batch_wait_s, 22.0, 1e-9);
    near(sagemaker.billed_s - sagemaker.loop_s, 92.0, 1e-9);
    near(ec2.billed_s - ec2.loop_s, 100.0 + 1.0 + 80.0, 1e-9);
}

/// FastFile lists 2,500 objects in three pages of 0.1 s after the 15.8 s that a channel takes anyway, and asks S3 so often.
#[test]
fn fast_file_lists_before_it_streams() {
    let outcome = run(r#"
        dataset = { files = 2_500, file-size = "1 kB" }
        job.steps = 1
        loader.tf-data = {}
        storage.stream.s3.mode = "fast-file"
        "#);
    near(outcome.summary.downloading_s, 15.8 + 0.3, 1e-9);
    assert_eq!(crate::scene::requests(&outcome, "LIST").0, 3);
}

/// An image pull that varies is drawn anew for each replication, with the mean that was stated.
#[test]
fn phases_are_drawn_for_each_replication() {
    let plan = crate::scene::plan(
        r#"
        dataset = { files = 10, file-size = "1 kB" }
        loader.tf-data = {}
        job.phases.starting.lognormal = { mean = "100 s", cv = 0.2 }
        storage.own.parallel-fs = {}
        "#,
    );
    let starts: Vec<f64> =
        (0..400).map(|replication| plan.simulate(replication).unwrap().summary.starting_s).collect();
    // The standard error is 100 × 0.2 / √400 = 1 s.
    near(starts.iter().sum::<f64>() / 400.0, 100.0, 0.03);
    assert!(starts.iter().any(|start| (start - starts[0]).abs() > 10.0));
}
