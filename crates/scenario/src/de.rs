//! From the document to the schema's types: a deserialiser whose errors keep path, place and kind of mistake.

use std::fmt;

use serde::de::{self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};

use crate::{
    doc::{Entry, Node, Origin, Value},
    error::{Problem, shown},
    load::Mistake,
    path::{Path, Segment},
};

/// A mistake met while deserialising: the path is gathered from the inside out.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Inner>);

#[derive(Debug)]
struct Inner {
    segments: Vec<Segment>,
    origin: Option<Origin>,
    problem: Problem,
}

impl Refusal {
    fn new(problem: Problem) -> Self {
        Self(Box::new(Inner { segments: Vec::new(), origin: None, problem }))
    }

    /// This mistake, met below `segment`; `origin` is its place unless a nearer one is known.
    fn below(mut self, segment: Segment, origin: &Origin) -> Self {
        self.0.segments.push(segment);
        self.0.origin.get_or_insert_with(|| origin.clone());
        self
    }

    /// The mistake with its place: what is missing has none of its own, but the table that lacks it does.
    pub(crate) fn in_document(self, document: &Node) -> Mistake {
        let Inner { mut segments, origin, problem } = *self.0;
        segments.reverse();
        let path = Path::from_segments(segments);
        let origin = origin.unwrap_or_else(|| path.origin(document));
        Mistake::new(path, &origin, problem)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.problem.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Problem::Unreadable { message: message.to_string() })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Problem::mismatch(expected.to_string(), words(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let found = match length {
            0 => "an empty one".to_owned(),
            1 => "one item".to_owned(),
            length => format!("{length} items"),
        };
        Self::new(Problem::mismatch(expected.to_string(), found))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        let known = known.iter().map(|&name| name.to_owned()).collect();
        Self::new(Problem::UnknownWord { word: variant.to_owned(), known })
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        let known = known.iter().map(|&name| name.to_owned()).collect();
        Self::new(Problem::UnknownKey { key: field.to_owned(), known })
    }

    fn missing_field(field: &'static str) -> Self {
        let mut error = Self::new(Problem::Missing { expected: format!("the key {field}"), help: None });
        error.0.segments.push(Segment::Key(field.to_owned()));
        error
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Problem::DuplicateKey { key: field.to_owned() })
    }
}

/// What was met, in the words of a message.
fn words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(text) => shown(text),
        Unexpected::Bool(flag) => flag.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Float(number) => number.to_string(),
        Unexpected::Map | Unexpected::StructVariant => "a table".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        other => other.to_string(),
    }
}

/// Reads a `T` from a document.
pub(crate) fn read<'de, T: de::Deserialize<'de>>(node: &'de Node) -> Result<T, Refusal> {
    T::deserialize(Reader(node))
}

/// The deserialiser of one node.
#[derive(Clone, Copy)]
struct Reader<'de>(&'de Node);

impl<'de> Reader<'de> {
    fn refuse<T>(self, expected: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(Problem::mismatch(expected, self.0.found())))
    }

    fn whole(self, most: u64) -> Result<u64, Refusal> {
        let read = match self.0.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            // A count may be written as 1e9, as long as a float tells each whole number from the next.
            Value::Float(number) if number.fract() == 0.0 && (0.0..FLOATS_WHOLE).contains(&number) => {
                Some(number as u64)
            }
            _ => None,
        };
        let read = read.filter(|number| *number <= most);
        read.map_or_else(|| self.refuse(whole_expected(&self.0.value, most)), Ok)
    }
}

/// From here on, floats are further apart than whole numbers.
const FLOATS_WHOLE: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;

/// What to say is wanted of a count: the limit that the value met breaks.
fn whole_expected(value: &Value, most: u64) -> String {
    match value {
        Value::Integer(number) if *number > 0 => format!("a whole number of at most {most}"),
        Value::Float(number) if number.fract() == 0.0 && *number > 0.0 => {
            format!("a whole number of at most {}", most.min(FLOATS_WHOLE as u64 - 1))
        }
        Value::Float(number) if *number < 0.0 => "a whole number that is not negative".to_owned(),
        Value::Integer(_) => "a whole number that is not negative".to_owned(),
        // A flag's value that TOML has no number for has become a text.
        Value::String(text) if text.len() > 18 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("a whole number of at most {}", most.min(i64::MAX as u64))
        }
        _ => "a whole number".to_owned(),
    }
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Date(_) => self.refuse(expectation(&visitor)),
            Value::Array(list) => visitor.visit_seq(Items { list: list.iter().enumerate() }),
            Value::Table(table) => visitor.visit_map(Entries { entries: table.iter(), entry: None }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0.value {
            Value::Bool(flag) => visitor.visit_bool(flag),
            _ => self.refuse("true or false"),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.whole(u64::from(u32::MAX)).and_then(|number| visitor.visit_u64(number))
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.whole(i64::MAX.unsigned_abs()).and_then(|number| visitor.visit_u64(number))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0.value {
            Value::Float(number) => visitor.visit_f64(number),
            Value::Integer(number) => visitor.visit_f64(number as f64),
            _ => self.refuse("a number"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => self.refuse("a text in quotes"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::Table(_) => self.deserialize_any(visitor),
            _ => self.refuse("a table"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::String(word) => visitor.visit_enum(Choice { word, below: None }),
            Value::Table(table) => {
                let mut entries = table.iter();
                match (entries.next(), entries.next()) {
                    (Some((word, entry)), None) => visitor.visit_enum(Choice { word, below: Some(entry) }),
                    (None, _) => self.refuse(one_of(variants)),
                    _ => Err(several(table, variants)),
                }
            }
            _ => self.refuse(one_of(variants)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            // A visitor of a tuple reads as many items as it wants and would drop the rest.
            Value::Array(list) if list.len() != length => {
                let found = format!("a list of {}", list.len());
                Err(Refusal::new(Problem::mismatch(format!("a list of {length}"), found)))
            }
            Value::Array(_) => self.deserialize_any(visitor),
            _ => self.refuse(format!("a list of {length}")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            Value::Array(_) => self.deserialize_any(visitor),
            _ => self.refuse("a list"),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char bytes byte_buf unit unit_struct tuple_struct ignored_any
    }
}

/// "exactly one of a, b, c".
fn one_of(variants: &[&str]) -> String {
    format!("exactly one of {}", variants.join(", "))
}

/// A choice made more than once; the place is that of the second key that is a choice at all.
fn several(table: &crate::doc::Table, variants: &'static [&'static str]) -> Refusal {
    let unknown = table.iter().find(|(key, _)| !variants.contains(&key.as_str()));
    if let Some((key, entry)) = unknown {
        let refusal = <Refusal as de::Error>::unknown_field(key, variants);
        return refusal.below(Segment::Key(key.clone()), &entry.key);
    }
    let found = table.keys().map(String::as_str).collect::<Vec<_>>().join(" and ");
    let entry = table.get_index(1).map(|(_, entry)| entry);
    let flag = table.values().find(|entry| matches!(entry.key, Origin::Flag(_)));
    let mut refusal = Refusal::new(match flag {
        Some(_) => Problem::advised(one_of(variants), found, "set the whole value to change the choice"),
        None => Problem::mismatch(one_of(variants), found),
    });
    refusal.0.origin = flag.or(entry).map(|entry| entry.key.clone());
    refusal
}

/// What a visitor expects, as text.
fn expectation<'de, V: Visitor<'de>>(visitor: &V) -> String {
    (visitor as &dyn Expected).to_string()
}

/// The items of a list.
struct Items<'de> {
    list: std::iter::Enumerate<std::slice::Iter<'de, Node>>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Some((index, node)) = self.list.next() else {
            return Ok(None);
        };
        let item = seed.deserialize(Reader(node));
        item.map(Some).map_err(|refusal| refusal.below(Segment::Index(index), &node.origin))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len())
    }
}

/// The entries of a table.
struct Entries<'de> {
    entries: indexmap::map::Iter<'de, String, Entry>,
    entry: Option<(&'de String, &'de Entry)>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        let Some((key, entry)) = self.entries.next() else {
            return Ok(None);
        };
        self.entry = Some((key, entry));
        let read = seed.deserialize(key.as_str().into_deserializer());
        read.map(Some).map_err(|refusal: Refusal| refusal.below(Segment::Key(key.clone()), &entry.key))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Refusal> {
        let (key, entry) = self.entry.take().expect("a visitor asks for a value after its key");
        let read = seed.deserialize(Reader(&entry.node));
        read.map_err(|refusal| refusal.below(Segment::Key(key.clone()), &entry.node.origin))
    }
}

/// A variant of an enum: a word, or a table with the word as its only key.
struct Choice<'de> {
    word: &'de str,
    below: Option<&'de Entry>,
}

impl<'de> de::EnumAccess<'de> for Choice<'de> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Refusal> {
        match seed.deserialize(self.word.into_deserializer()) {
            Ok(variant) => Ok((variant, self)),
            Err(refusal) => Err(self.unknown(refusal)),
        }
    }
}

impl Choice<'_> {
    /// An unknown word is a value in quotes, or a key.
    fn unknown(&self, refusal: Refusal) -> Refusal {
        match (self.below, refusal.0.problem) {
            (Some(entry), Problem::UnknownWord { word, known }) => {
                let refusal = Refusal::new(Problem::UnknownKey { key: word, known });
                refusal.below(Segment::Key(self.word.to_owned()), &entry.key)
            }
            (_, problem) => Refusal::new(problem),
        }
    }
}

impl<'de> de::VariantAccess<'de> for Choice<'de> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        let expected = || format!("the text {}", shown(self.word));
        self.below.map_or(Ok(()), |_| {
            Err(Refusal::new(Problem::mismatch(expected(), format!("a table with the key {}", self.word))))
        })
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refusal> {
        let Some(entry) = self.below else {
            let expected = format!("a table such as {{ {} = … }}", self.word);
            return Err(Refusal::new(Problem::mismatch(expected, shown(self.word))));
        };
        let read = seed.deserialize(Reader(&entry.node));
        read.map_err(|refusal| refusal.below(Segment::Key(self.word.to_owned()), &entry.node.origin))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Refusal> {
        Err(Refusal::new(Problem::mismatch(expectation(&visitor), shown(self.word))))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.tuple_variant(0, visitor)
    }
}
