//! Storage presets: rules of capacity, documented examples, and constants derived from measurements.

use ingestsim_catalog::{Capacity, Catalog, Deployment};
use ingestsim_units::{Bytes, Frequency, Rate, Share, Span};

fn gib(count: u64) -> Bytes {
    Bytes::from_gib(count)
}

fn deployment(name: &str) -> Deployment {
    Catalog::builtin().storage().fsx.deployment(name).expect("the type is built in").clone()
}

fn capacity(deployment: &Deployment, count: u64) -> Capacity {
    deployment.capacity(gib(count)).expect("the capacity is valid")
}

/// The interface's deployment types, and what tells a mistyped one.
#[test]
fn every_deployment_type_is_there() {
    let catalog = Catalog::builtin();
    let names = catalog.storage().fsx.deployment_names().collect::<Vec<_>>();
    assert_eq!(
        names,
        [
            "scratch-1",
            "scratch-2",
            "persistent-1-ssd-50",
            "persistent-1-ssd-100",
            "persistent-1-ssd-200",
            "persistent-1-hdd-12",
            "persistent-1-hdd-40",
            "persistent-2-125",
            "persistent-2-250",
            "persistent-2-500",
            "persistent-2-1000",
            "intelligent-tiering"
        ]
    );
    let error = catalog.storage().fsx.deployment("scratch-3").unwrap_err().to_string();
    assert!(error.contains("did you mean \"scratch-"), "{error}");
}

#[test]
fn every_deployment_type_has_a_price() {
    let catalog = Catalog::builtin();
    let fsx = &catalog.storage().fsx;
    for name in fsx.deployment_names() {
        let deployment = fsx.deployment(name).unwrap();
        assert!(catalog.price(&deployment.price.value).is_ok(), "{name}");
        if let Some(cache) = &deployment.ssd_cache {
            assert!(catalog.price(&cache.price.value).is_ok(), "{name}");
        }
    }
}

#[test]
fn capacities_follow_the_steps_of_their_type() {
    let cases: [(&str, &[u64], &[u64]); 5] = [
        ("scratch-1", &[1200, 2400, 3600, 7200, 10_800], &[0, 600, 4800, 6000]),
        ("scratch-2", &[1200, 2400, 4800, 7200], &[0, 3600, 1000]),
        ("persistent-2-125", &[1200, 2400, 4800], &[3600]),
        ("persistent-1-hdd-12", &[6000, 12_000], &[1200, 1800]),
        ("persistent-1-hdd-40", &[1800, 3600], &[1200, 6001]),
    ];
    for (name, valid, invalid) in cases {
        let deployment = deployment(name);
        for &count in valid {
            assert!(deployment.is_valid_capacity(gib(count)), "{name} {count}");
        }
        for &count in invalid {
            assert!(!deployment.is_valid_capacity(gib(count)), "{name} {count}");
        }
    }
}

/// AWS's "1.2 TiB" is 1,200 GiB, and so is one written that way here.
#[test]
fn a_capacity_in_tib_is_meant_as_aws_means_it() {
    let scratch = deployment("scratch-1");
    for (text, count) in [("1.2 TiB", 1200), ("2.4 TiB", 2400), ("3.6 TiB", 3600), ("36 TiB", 36_000)] {
        let capacity = scratch.capacity(text.parse().unwrap()).unwrap();
        assert_eq!(capacity.bytes(), gib(count), "{text}");
    }
    assert!(!scratch.is_valid_capacity("3.5 TiB".parse().unwrap()));
}

#[test]
fn an_invalid_capacity_has_valid_neighbours() {
    let neighbours = |name: &str, text: &str| {
        let (below, above) = deployment(name).nearest_capacities(text.parse().unwrap());
        (below.map(Capacity::bytes), above.bytes())
    };
    assert_eq!(neighbours("scratch-1", "3 TiB"), (Some(gib(2400)), gib(3600)));
    assert_eq!(neighbours("scratch-1", "5 TiB"), (Some(gib(3600)), gib(7200)));
    assert_eq!(neighbours("scratch-2", "4900 GiB"), (Some(gib(4800)), gib(7200)));
    assert_eq!(neighbours("scratch-2", "500 GiB"), (None, gib(1200)));
    assert_eq!(neighbours("persistent-1-hdd-12", "1 TiB"), (None, gib(6000)));
    assert_eq!(neighbours("scratch-2", "2.4 TiB"), (Some(gib(2400)), gib(2400)));
}

/// The worked example of AWS's page: PERSISTENT_1-50 of 4.8 TiB has 240 MB/s of disk throughput and bursts to 1,152.
#[test]
fn throughput_follows_the_documented_example() {
    let ssd = deployment("persistent-1-ssd-50");
    let system = ssd.at(capacity(&ssd, 4800));
    assert_eq!(system.disk_baseline, Rate::per_second(240_000_000));
    assert_eq!(system.disk_burst, Rate::per_second(1_152_000_000));
    assert_eq!(system.servers, 2);
    // 2.2 GiB per TiB × 4.8 = 10.56 GiB.
    assert!((system.ram.as_gib() - 10.56).abs() < 1e-6);
}

/// A type without a burst has its baseline instead; SCRATCH_2 writes at half the rate at which it reads.
#[test]
fn what_does_not_burst_keeps_its_baseline() {
    let scratch = deployment("scratch-2");
    let system = scratch.at(capacity(&scratch, 1200));
    assert_eq!(system.disk_burst, system.disk_baseline);
    assert_eq!(system.disk_write_baseline, Rate::per_second(120_000_000));
    assert_eq!(system.disk_write_burst, system.disk_write_baseline);
    assert_eq!(system.servers, 1);
    let hdd = deployment("persistent-1-hdd-12");
    let system = hdd.at(capacity(&hdd, 6000));
    assert_eq!(system.disk_write_baseline, Rate::per_second(72_000_000));
    assert_eq!(system.disk_write_burst, Rate::per_second(300_000_000));
}

/// AWS's table: 1,500 at 1,200 GiB … 12,000 at 45,600, then 12,000 for each 24,000 GiB; two opens for each.
#[test]
fn metadata_follows_the_documented_table() {
    let catalog = Catalog::builtin();
    let fsx = &catalog.storage().fsx;
    let persistent = fsx.deployment("persistent-2-125").unwrap();
    let cases = [
        (1200, 1500),
        (2400, 3000),
        (4800, 6000),
        (9600, 6000),
        (12_000, 12_000),
        (45_600, 12_000),
        (48_000, 24_000),
    ];
    for (count, iops) in cases {
        let iops = Frequency::per_second(iops);
        let capacity = capacity(persistent, count);
        assert_eq!(persistent.metadata_iops_at(capacity), Some(iops), "{count}");
        assert_eq!(fsx.metadata_rate(persistent, capacity, None), Some(iops.saturating_mul(2)), "{count}");
    }
    let most =
        fsx.metadata_rate(persistent, capacity(persistent, 1200), Some(Frequency::per_second(192_000)));
    assert_eq!(most, Some(Frequency::per_second(384_000)));
    let scratch = fsx.deployment("scratch-2").unwrap();
    assert!(fsx.metadata_rate(scratch, capacity(scratch, 1200), None).is_some());
}

/// AWS designs scratch for 99.4 % a week at 2.4 TiB (1 server) and 93.9 % at 50.4 TiB (21 servers).
#[test]
fn scratch_fails_as_often_as_documented() {
    let catalog = Catalog::builtin();
    let week_s = 7.0 * 86_400.0;
    for (servers, survives) in [(1, 0.994), (21, 0.939)] {
        let survival = (-catalog.storage().fsx.failure_rate(servers) * week_s).exp();
        assert!((survival - survives).abs() < 0.001, "{servers}: {survival}");
    }
}

/// EFS's page: 50 KiB/s for each GiB, which is 50 MiB/s for each TiB; 100 GiB burst at 100 MiB/s; 2.1 TiB is the least
/// bucket. 100 GiB earn 432,000 MiB in 24 h, says the page, which rounds 4.88 MiB/s to 5.
#[test]
fn efs_bursting_follows_the_documented_example() {
    let catalog = Catalog::builtin();
    let efs = &catalog.storage().efs;
    let earned = efs.bursting_baseline(gib(100)).bytes_in(Span::from_secs(86_400));
    let documented: Bytes = "432000 MiB".parse().unwrap();
    assert!((earned.as_f64() / documented.as_f64() - 4.88 / 5.0).abs() < 0.001);
    assert_eq!(efs.bursting_baseline(gib(1024)), "50 MiB/s".parse().unwrap());
    assert_eq!(efs.bursting_peak(gib(100)), "100 MiB/s".parse().unwrap());
    assert_eq!(efs.bursting_peak("10 TiB".parse().unwrap()), "1000 MiB/s".parse().unwrap());
    assert_eq!(efs.bursting_baseline(gib(1)), "1 MiB/s".parse().unwrap());
    assert_eq!(efs.bursting_bucket(gib(100)), "2.1 TiB".parse().unwrap());
    let large = efs.bursting_bucket("10 TiB".parse().unwrap());
    assert_eq!(large.human().to_string(), "21 TiB".parse::<Bytes>().unwrap().human().to_string());
}

/// gp2 earns 3 a second for each GiB: 500 GB are 465.66 GiB, so 1,396; below 33.3 GiB it has 100, above 5,333 GiB 16,000.
#[test]
fn gp2_grows_with_its_size() {
    let catalog = Catalog::builtin();
    let gp2 = &catalog.storage().ebs.gp2;
    let size = "500 GB".parse().unwrap();
    assert_eq!(gp2.baseline_iops(size), Frequency::per_second(1396));
    assert_eq!(gp2.peak_iops(size), Frequency::per_second(3000));
    assert_eq!(gp2.lasting_rate(size), "250 MiB/s".parse().unwrap());
    assert_eq!(gp2.baseline_iops(gib(10)), Frequency::per_second(100));
    assert_eq!(gp2.baseline_iops(gib(8000)), Frequency::per_second(16_000));
    assert_eq!(gp2.peak_rate(gib(170)), "128 MiB/s".parse().unwrap());
    assert_eq!(gp2.peak_rate(gib(200)), "250 MiB/s".parse().unwrap());
    assert_eq!(gp2.lasting_rate(gib(200)), "128 MiB/s".parse().unwrap());
}

/// The File-mode downloader from its three calibration rows; the image is 37.5 kB in both 50x data sets.
///
/// 18.85 s − 30.607 pages × 0.1 s = 15.79 s fixed. 10,954.7 − 357.3 = (1,530,350 − 500) × per-object gives 6.927 ms;
/// 57.388 GB / (357.3 − 15.8 − 500 × 0.006927) s = 169.8 MB/s.
#[test]
fn the_downloader_comes_from_the_measured_rows() {
    let catalog = Catalog::builtin();
    let downloader = &catalog.storage().downloader;
    let page_s = catalog.storage().fast_file.list_page_time.value.as_secs_f64();
    let fixed_s = 18.85 - 30.607 * page_s;
    let per_object_s = (10_954.7 - 357.3) / (1_530_350.0 - 500.0);
    let rate = 1_530_350.0 * 37_500.0 / (357.3 - fixed_s - 500.0 * per_object_s);
    let near = |value: f64, derived: f64| (value / derived - 1.0).abs() < 1e-3;
    assert!(near(downloader.fixed.value.as_secs_f64(), fixed_s), "{fixed_s}");
    assert!(near(downloader.per_object.value.as_secs_f64(), per_object_s), "{per_object_s}");
    assert!(near(downloader.rate.value.as_f64(), rate), "{rate}");
}

/// The rows of 1x data that the downloader was not fitted on: 22.1 s for 10 large files, within 5 %.
#[test]
fn the_downloader_predicts_ten_large_files() {
    let catalog = Catalog::builtin();
    let downloader = &catalog.storage().downloader;
    let bytes = Bytes::new(30_607 * 37_500);
    let time =
        downloader.fixed.value + downloader.per_object.value * 10 + downloader.rate.value.time_for(bytes);
    assert!((time.as_secs_f64() / 22.1 - 1.0).abs() < 0.05, "{time}");
}

/// jpg-1x FastFile: 30,607 files by 8 reads at a time in 181.85 s are 47.5 ms a file. A lognormal with median 14 ms and p99 55
/// ms has a mean of 16.6 ms; the tail adds 0.5 ms; 37.5 kB take 0.4 ms to arrive and 1.24 ms to decode.
#[test]
fn the_open_latency_of_fast_file_comes_from_the_measured_row() {
    let catalog = Catalog::builtin();
    let (s3, fast_file) = (&catalog.storage().s3_standard, &catalog.storage().fast_file);
    let sigma =
        (s3.first_byte_p99.value.as_secs_f64() / s3.first_byte_median.value.as_secs_f64()).ln() / 2.326_348;
    let body_s = s3.first_byte_median.value.as_secs_f64() * (sigma * sigma / 2.0).exp();
    // The mean of a log-uniform between 0.2 and 1 s is 0.8 / ln 5.
    let tail_s = s3.tail_share.value.fraction() * 0.8 / 5_f64.ln();
    let transfer_s = 37_500.0 / s3.connection_rate.value.as_f64();
    let decode_s = 0.0002 + 37_500.0 / 36e6;
    let open_s = 8.0 * 181.85 / 30_607.0 - body_s - tail_s - transfer_s - decode_s;
    assert!((fast_file.open_latency.value.as_secs_f64() / open_s - 1.0).abs() < 0.02, "{open_s}");
}

/// 500 KB on one thread: EFS 16.318 ms at a read latency of 1 ms and the file system's peak of 100 MiB/s, Lustre 12.409 ms at
/// 0.5 ms and a disk burst of 1.2 × 240 MB/s.
#[test]
fn opens_come_from_the_measured_files() {
    let catalog = Catalog::builtin();
    let (efs, fsx) = (&catalog.storage().efs, &catalog.storage().fsx);
    let size = Bytes::new(500_000);
    let efs_file = efs.open_latency.value + efs.read_latency.value + efs.burst_min.value.time_for(size);
    assert!((efs_file.as_secs_f64() / 0.016_318 - 1.0).abs() < 0.001, "{efs_file}");
    let ssd = fsx.deployment("persistent-1-ssd-50").unwrap();
    let system = ssd.at(capacity(ssd, 1200));
    let lustre_file = fsx.open_latency.value + ssd.disk_latency.value + system.disk_burst.time_for(size);
    assert!((lustre_file.as_secs_f64() / 0.012_409 - 1.0).abs() < 0.001, "{lustre_file}");
}

/// Listing 100 keys took 0.055 s, 100,000 took 9.00 s (the line's ends), 1,000 took 0.143 and 10,000 0.906 s (within 6 %).
#[test]
fn listing_fits_the_measured_times() {
    let catalog = Catalog::builtin();
    let s3 = &catalog.storage().s3_standard;
    for (keys, seconds) in [(100, 0.055), (1000, 0.143), (10_000, 0.906), (100_000, 9.0)] {
        let time = s3.list_base.value + s3.list_per_key.value * keys;
        assert!((time.as_secs_f64() / seconds - 1.0).abs() < 0.06, "{keys}: {time}");
    }
}

/// Restoring 188 MB took 4.7 s; 80 files of 9.3 MB at a time are 112 files a second.
#[test]
fn restores_fit_the_measured_times() {
    let catalog = Catalog::builtin();
    let fsx = &catalog.storage().fsx;
    let restore = |size| fsx.restore_latency.value + fsx.restore_rate.value.time_for(Bytes::new(size));
    assert!((restore(188_000_000).as_secs_f64() / 4.7 - 1.0).abs() < 0.02);
    let per_second = f64::from(fsx.restore_concurrency.value) / restore(9_324_000).as_secs_f64();
    assert!((per_second / 112.0 - 1.0).abs() < 0.02, "{per_second}");
}

#[test]
fn the_s3_defaults_are_those_of_the_model() {
    let catalog = Catalog::builtin();
    let (standard, client) = (&catalog.storage().s3_standard, &catalog.storage().s3_client);
    assert_eq!(standard.first_byte_median.value, Span::from_millis(14));
    assert_eq!(standard.first_byte_p99.value, Span::from_millis(55));
    assert_eq!(standard.tail_share.value, Share::new(0.001));
    assert_eq!(standard.connection_rate.value, Rate::per_second(90_000_000));
    assert_eq!(standard.get_rate.value, Frequency::per_second(5500));
    assert_eq!(standard.put_rate.value, Frequency::per_second(3500));
    assert_eq!(client.attempts.value, 3);
    assert!(standard.first_byte_median.inference && !standard.get_rate.inference);
}

#[test]
fn sagemaker_jobs_start_as_measured() {
    let catalog = Catalog::builtin();
    let phases = catalog.service(ingestsim_catalog::Service::SageMaker);
    assert_eq!(phases.starting.value, Span::from_millis(116_300));
    assert!(!phases.starting_billed.value);
    assert_eq!(phases.image_pull.value + phases.framework_start.value, Span::from_secs(210));
}
