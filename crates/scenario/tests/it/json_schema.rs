//! The JSON Schema takes what the loader takes, and refuses what it refuses in structure.

use ingestsim_scenario::Scenario;
use serde_json::Value;

use crate::{BASE, edited, extended};

/// Whether `value` is what `schema` describes, as far as this crate's schemas go: types, keys, choices and constants.
fn is_valid(value: &Value, schema: &Value, root: &Value) -> bool {
    if let Some(flag) = schema.as_bool() {
        return flag;
    }
    let reference = schema.get("$ref").and_then(Value::as_str);
    let referred = reference.map(|name| root.pointer(&name[1..]).expect("a reference leads to a definition"));
    let all = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let matches = |key: &str| all(key).filter(|choice| is_valid(value, choice, root)).count();
    referred.is_none_or(|referred| is_valid(value, referred, root))
        && schema.get("type").is_none_or(|kind| has_type(value, kind))
        && schema.get("const").is_none_or(|wanted| wanted == value)
        && schema.get("enum").and_then(Value::as_array).is_none_or(|words| words.contains(value))
        && (schema.get("oneOf").is_none() || matches("oneOf") == 1)
        && (schema.get("anyOf").is_none() || matches("anyOf") >= 1)
        && all("allOf").all(|part| is_valid(value, part, root))
        && schema
            .get("minimum")
            .and_then(Value::as_f64)
            .is_none_or(|least| value.as_f64().is_none_or(|number| number >= least))
        && keys_are_valid(value, schema, root)
        && items_are_valid(value, schema, root)
}

fn has_type(value: &Value, kind: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        other => panic!("{other:?} is no type of JSON"),
    };
    kind.as_array().map_or_else(|| is(kind), |kinds| kinds.iter().any(is))
}

fn keys_are_valid(value: &Value, schema: &Value, root: &Value) -> bool {
    let Some(object) = value.as_object() else {
        return true;
    };
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    required.filter_map(Value::as_str).all(|key| object.contains_key(key))
        && object.iter().all(|(key, value)| match properties.and_then(|properties| properties.get(key)) {
            Some(property) => is_valid(value, property, root),
            None => others.is_none_or(|others| is_valid(value, others, root)),
        })
}

fn items_are_valid(value: &Value, schema: &Value, root: &Value) -> bool {
    let items = value.as_array().into_iter().flatten();
    schema.get("items").is_none_or(|of| items.clone().all(|item| is_valid(item, of, root)))
}

fn accepts(text: &str) -> bool {
    let schema = Scenario::schema_json();
    let value: Value = toml::from_str(text).expect("the text is TOML");
    is_valid(&value, &schema, &schema)
}

#[test]
fn the_schema_takes_the_base_and_the_examples() {
    assert!(accepts(BASE));
    for text in [
        include_str!("../../../../scenarios/examples/caltech-small-files.toml"),
        include_str!("../../../../scenarios/examples/imagenet-4-nodes.toml"),
        include_str!("../../../../scenarios/examples/llm-shards.toml"),
        include_str!("../../../../scenarios/study-guide/example-1.toml"),
    ] {
        assert!(accepts(text), "{text}");
    }
}

#[test]
fn the_schema_takes_a_resolved_scenario() {
    assert!(accepts(&crate::load(BASE, &[]).unwrap().scenario.to_toml()));
}

#[test]
fn the_schema_takes_what_is_a_word_or_a_table() {
    for tail in [
        "[job.node]\npage-cache = \"off\"",
        "[job.node.page-cache]\nsize = \"65 %\"\npolicy = \"lru\"",
        "[storage.x.efs]\nthroughput = { provisioned = \"1 MB/s\" }\nbill-storage = { retention = \"3 d\", jobs = 2 }",
        "[storage.x.s3]\nvolume = { gp3 = { size = \"1 GB\" } }",
        "[storage.x.s3]\nvolume = \"nvme\"",
        "[sweep.grid]\nseed = { log = [1, 2], points = 3 }",
    ] {
        assert!(accepts(&extended(tail)), "{tail}");
    }
}

#[test]
fn the_schema_refuses_two_of_a_choice() {
    assert!(!accepts(&extended("[storage.stream.efs]")), "two kinds in a profile");
    assert!(!accepts(&extended("[loader.tf-data]")), "two loaders");
    assert!(!accepts(&edited("cv = 0.5 }", "cv = 0.5 }, table = \"x.csv\"")), "two spreads");
    assert!(!accepts(&edited("cv = 0.5", "cv = 0.5, sigma = 1")), "two parameters of a spread");
}

#[test]
fn the_schema_refuses_unknown_keys_and_words() {
    assert!(!accepts(&edited("batch-size", "batch_size")));
    assert!(!accepts(&edited("\"shuffled\"", "\"random\"")));
    assert!(!accepts(&edited("[storage.stream.s3]", "[storage.stream.s4]")));
    assert!(!accepts(&edited("[storage.stream.s3]", "[storage.s3]")));
    assert!(!accepts(&edited("workers = 4", "workers = \"4\"")));
}

#[test]
fn the_schema_explains_every_key() {
    fn undocumented(schema: &Value, at: &str, found: &mut Vec<String>) {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        for (key, property) in properties {
            if property.get("description").is_none() && property.get("$ref").is_none() {
                found.push(format!("{at}.{key}"));
            }
        }
    }
    let schema = Scenario::schema_json();
    let mut found = Vec::new();
    undocumented(&schema, "scenario", &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        undocumented(definition, name, &mut found);
    }
    found.retain(|key| {
        !key.starts_with("LogNormal") && !key.starts_with("Spread") && !key.starts_with("Axis")
    });
    assert_eq!(found, [] as [String; 0]);
}
