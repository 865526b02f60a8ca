//! Instances and prices.

use indexmap::IndexMap;
use ingestsim_catalog::{Catalog, CatalogError, PriceUnit, Section, Service};
use ingestsim_units::{Bytes, Rate, Span};

#[test]
fn there_are_thirty_instances() {
    assert_eq!(Catalog::builtin().instance_names().count(), 30);
}

#[test]
fn an_instance_is_found_with_and_without_the_prefix() {
    let catalog = Catalog::builtin();
    assert_eq!(catalog.instance("ml.p3.2xlarge").unwrap(), catalog.instance("p3.2xlarge").unwrap());
}

#[test]
fn an_unknown_instance_is_answered_with_the_nearest_name() {
    let error = Catalog::builtin().instance("ml.p3.2xlage").unwrap_err().to_string();
    assert_eq!(
        error,
        "expected an instance of the catalog, found \"p3.2xlage\"; did you mean \"p3.2xlarge\"?"
    );
}

/// EC2's page of previous generations, and the two price lists.
#[test]
fn p3_2xlarge_is_as_documented() {
    let catalog = Catalog::builtin();
    let instance = catalog.instance("p3.2xlarge").unwrap();
    assert_eq!((instance.gpus.value, instance.gpu.value.as_str()), (1, "V100-16"));
    assert_eq!((instance.vcpus.value, instance.cores.value), (8, 4));
    assert_eq!(instance.memory.value, Bytes::from_gib(61));
    assert_eq!(instance.nic.baseline.value, "2.5 Gb/s".parse().unwrap());
    assert_eq!(instance.ebs.baseline.value, "218.75 MB/s".parse().unwrap());
    assert!(instance.nvme.is_none());
    let dollars = |service| catalog.instance_price("ml.p3.2xlarge", service).unwrap().usd.dollars();
    assert_eq!(dollars(Service::Ec2), 3.06);
    assert_eq!(dollars(Service::SageMaker), 3.825);
}

#[test]
fn every_instance_has_cores_memory_and_links() {
    for (name, instance) in Catalog::builtin().instances() {
        assert!(instance.gpus.value > 0 && !instance.gpu.value.is_empty(), "{name}");
        assert_eq!(instance.cores.value * 2, instance.vcpus.value, "{name}");
        assert!(!instance.memory.value.is_zero(), "{name}");
        assert!(!instance.nic.baseline.value.is_zero() && !instance.ebs.baseline.value.is_zero(), "{name}");
        if let Some(nvme) = &instance.nvme {
            assert!(!nvme.size.value.is_zero() && nvme.drives.value > 0, "{name}");
            assert!(
                nvme.write_rate.value < nvme.read_rate.value && !nvme.write_rate.value.is_zero(),
                "{name}"
            );
            assert!(
                nvme.write_iops.value < nvme.read_iops.value && !nvme.write_iops.value.is_zero(),
                "{name}"
            );
        }
    }
}

/// A full bucket lasts 30 min at the burst rate: depth = (burst − baseline) × 1,800 s.
#[test]
fn a_bucket_lasts_half_an_hour() {
    let half_hour = Span::from_secs(1800);
    let depth = |baseline: Rate, burst: Rate| burst.saturating_sub(baseline).bytes_in(half_hour);
    let mut buckets = 0;
    for (name, instance) in Catalog::builtin().instances() {
        let (nic, ebs) = (&instance.nic, &instance.ebs);
        for (baseline, burst, bucket) in
            [(&nic.baseline, &nic.burst, &nic.bucket), (&ebs.baseline, &ebs.burst, &ebs.bucket)]
        {
            assert_eq!(burst.is_some(), bucket.is_some(), "{name}");
            if let (Some(burst), Some(bucket)) = (burst, bucket) {
                assert_eq!(bucket.value, depth(baseline.value, burst.value), "{name}");
                assert!(bucket.inference, "{name}: the depth is not published");
                buckets += 1;
            }
        }
    }
    assert!(buckets > 10);
}

#[test]
fn sagemaker_is_not_cheaper_than_ec2() {
    let catalog = Catalog::builtin();
    for name in catalog.instance_names() {
        let price = |service| catalog.instance_price(name, service).unwrap();
        assert_eq!(price(Service::Ec2).unit, PriceUnit::Hour);
        let ratio = price(Service::SageMaker).usd.dollars() / price(Service::Ec2).usd.dollars();
        assert!((1.14..1.41).contains(&ratio), "{name}: {ratio}");
    }
}

#[test]
fn every_row_has_a_value_a_source_and_a_date() {
    let catalog = Catalog::builtin();
    for section in [Section::Instances, Section::Storage, Section::Prices] {
        let rows = catalog.rows(section);
        assert!(rows.len() > 50, "{section:?}");
        for row in rows {
            let texts = [&row.id, &row.quantity, &row.value, &row.source, &row.date];
            assert!(texts.iter().all(|text| !text.is_empty()), "{row:?}");
        }
    }
}

#[test]
fn what_comes_from_memory_is_marked_as_inference() {
    let catalog = Catalog::builtin();
    let rows = [Section::Instances, Section::Storage, Section::Prices].map(|section| catalog.rows(section));
    let remembered = rows.iter().flatten().filter(|row| row.source.starts_with("memory")).collect::<Vec<_>>();
    assert!(remembered.len() > 5);
    for row in remembered {
        assert!(row.inference, "{row:?}");
    }
}

#[test]
fn rows_read_as_written() {
    let rows = Catalog::builtin().rows(Section::Instances);
    let row = rows.iter().find(|row| row.id == "p3.2xlarge" && row.quantity == "nic baseline").unwrap();
    assert_eq!(row.value, "2.5 Gb/s");
    let rows = Catalog::builtin().rows(Section::Prices);
    let row = rows.iter().find(|row| row.id == "s3.price_get").unwrap();
    assert_eq!((row.value.as_str(), row.date.as_str()), ("0.0004 USD per 1000 requests", "2025-07-07"));
}

#[test]
fn a_price_can_be_overridden_and_says_so() {
    let catalog = Catalog::builtin();
    let overrides = IndexMap::from([("ec2.p3_2xlarge.price_sm".to_owned(), 1.5)]);
    let cheaper = catalog.with_prices(&overrides).unwrap();
    let price = cheaper.instance_price("p3.2xlarge", Service::SageMaker).unwrap();
    assert_eq!(price.usd.dollars(), 1.5);
    assert_ne!(price.source, catalog.price("ec2.p3_2xlarge.price_sm").unwrap().source);
    assert_eq!(cheaper.price("s3.price_get"), catalog.price("s3.price_get"));
}

#[test]
fn a_price_must_be_known_and_an_amount() {
    let prices =
        |id: &str, dollars| Catalog::builtin().with_prices(&IndexMap::from([(id.to_owned(), dollars)]));
    let error = prices("s3.price_gett", 1.0).unwrap_err();
    assert!(matches!(error, CatalogError::Unknown { suggestion: Some(id), .. } if id == "s3.price_get"));
    assert!(matches!(prices("s3.price_get", -1.0), Err(CatalogError::Price { .. })));
    assert!(matches!(prices("s3.price_get", f64::NAN), Err(CatalogError::Price { .. })));
}
