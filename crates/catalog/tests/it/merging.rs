//! A user's file laid over the built-in catalog.

use ingestsim_catalog::{Catalog, CatalogError, Section, Service};
use ingestsim_units::{Bytes, Rate};

fn merged(text: &str) -> Result<Catalog, CatalogError> {
    Catalog::builtin().merged_with(text)
}

#[test]
fn what_a_file_does_not_name_stays() {
    let catalog = merged("[instances.\"p3.2xlarge\"]\nnic.baseline = \"4 Gb/s\"").unwrap();
    let instance = catalog.instance("p3.2xlarge").unwrap();
    assert_eq!(instance.nic.baseline.value, Rate::per_second(500_000_000));
    assert_eq!(instance.nic.baseline.source, "the user's catalog file");
    let builtin = Catalog::builtin();
    let before = builtin.instance("p3.2xlarge").unwrap();
    assert_eq!(instance.memory, before.memory);
    assert_eq!(instance.nic.burst, before.nic.burst);
    assert_eq!(catalog.instance_names().count(), builtin.instance_names().count());
}

#[test]
fn a_new_instance_needs_every_figure_but_the_optional_ones() {
    let text = "
        [sources]
        OURS = { citation = 'our own rack', date = '2026-03-01' }
        [instances.rack]
        source = 'OURS'
        gpus = 8
        gpu = 'A100'
        vcpus = 64
        cores = 32
        memory = '512 GiB'
        nic.baseline = '100 Gb/s'
        ebs.baseline = '1 GB/s'
        ec2-price-per-hour = '2.5 USD'
    ";
    let catalog = merged(text).unwrap();
    let rack = catalog.instance("rack").unwrap();
    assert_eq!(rack.memory.value, Bytes::from_gib(512));
    assert_eq!((rack.memory.source.as_str(), rack.memory.date.as_str()), ("our own rack", "2026-03-01"));
    assert_eq!(catalog.instance_price("rack", Service::Ec2).unwrap().usd.dollars(), 2.5);
    assert!(catalog.instance_price("rack", Service::SageMaker).is_err());
    let error = merged(&text.replace("cores = 32", "")).unwrap_err().to_string();
    assert_eq!(error, "4:9: instances.rack: missing field `cores`");
}

#[test]
fn a_bare_price_keeps_its_unit() {
    let catalog = merged("[prices]\n\"s3.price_get\" = \"0.0003 USD\"").unwrap();
    let price = catalog.price("s3.price_get").unwrap();
    assert_eq!(price.usd.dollars(), 0.0003);
    assert_eq!(price.unit.to_string(), "1000 requests");
    let rows = catalog.rows(Section::Prices);
    assert!(rows.iter().any(|row| row.id == "s3.price_get" && row.source == "the user's catalog file"));
}

#[test]
fn a_wrong_figure_is_shown_with_its_place() {
    let error = merged("[instances.\"p3.2xlarge\"]\nmemory = \"61 Gb\"").unwrap_err().to_string();
    assert!(
        error.starts_with("2:10: instances.\"p3.2xlarge\".memory: expected an amount of data"),
        "{error}"
    );
    let error = merged("[storage.efs]\nread-latency = 1").unwrap_err().to_string();
    assert!(error.starts_with("2:16: storage.efs.read-latency: expected a time with its unit"), "{error}");
}

#[test]
fn an_unknown_key_is_refused() {
    let error = merged("[storage.efs]\nreed-latency = '1 ms'").unwrap_err().to_string();
    assert!(error.starts_with("2:16: storage.efs.reed-latency: unknown field `reed-latency`"), "{error}");
}

#[test]
fn an_unknown_source_is_refused_with_its_place() {
    let error =
        merged("[storage.efs]\nread-latency = { value = '1 ms', source = 'ours' }").unwrap_err().to_string();
    assert!(error.starts_with("2:16: storage.efs.read-latency: expected a key of [sources]"), "{error}");
}

#[test]
fn what_is_not_toml_is_refused_with_its_place() {
    let error = merged("[instances]\nx = = 1").unwrap_err();
    assert!(matches!(error, CatalogError::Syntax { place, .. } if place.line == 2), "{error}");
}

#[test]
fn files_can_be_laid_over_each_other() {
    let first = merged("[prices]\n\"s3.price_get\" = \"0.0003 USD\"").unwrap();
    let second = first.merged_with("[prices]\n\"s3.price_put\" = \"0.004 USD\"").unwrap();
    assert_eq!(second.price("s3.price_get").unwrap().usd.dollars(), 0.0003);
    assert_eq!(second.price("s3.price_put").unwrap().usd.dollars(), 0.004);
}

#[test]
fn the_price_of_an_instance_can_be_given_by_its_id() {
    let catalog = merged("[prices]\n\"ec2.p3_2xlarge.price_sm\" = \"2 USD\"").unwrap();
    assert_eq!(catalog.instance_price("p3.2xlarge", Service::SageMaker).unwrap().usd.dollars(), 2.0);
    let ec2 = catalog.instance_price("p3.2xlarge", Service::Ec2).unwrap();
    assert_eq!(ec2.usd.dollars(), 3.06);
}

#[test]
fn a_rate_or_size_of_zero_is_refused() {
    let error = merged("[instances.\"p3.2xlarge\"]\nnic.baseline = \"0 Gb/s\"").unwrap_err().to_string();
    assert_eq!(
        error,
        "2:16: instances.\"p3.2xlarge\".nic.baseline: expected more than zero, found \"0 Gb/s\""
    );
    assert!(merged("[storage.fsx-lustre.deployments.scratch-2]\ncapacity-step = \"0 GiB\"").is_err());
    assert!(merged("[storage.s3-client]\nattempts = 0").is_err());
    assert!(merged("[services.ec2]\nstarting = \"0 s\"").is_ok());
    assert!(merged("[instances.\"p3.2xlarge\"]\ngpus = 0").is_ok());
}

#[test]
fn a_percentile_below_the_median_is_refused() {
    let error = merged("[storage.s3-standard]\nfirst-byte-p99 = \"5 ms\"").unwrap_err().to_string();
    assert_eq!(
        error,
        "2:18: storage.s3-standard.first-byte-p99: expected at least `first-byte-median`, \"14 ms\", found \"5 ms\""
    );
}
