//! "Did you mean": the known word nearest to a written one.

/// The one of `known` that `word` was probably meant to be, if one is near enough.
///
/// Near is: at most a third of the letters differ (a swap counts once), or it is the beginning of that word.
#[must_use]
pub fn nearest<'k, K: AsRef<str>>(word: &str, known: &'k [K]) -> Option<&'k str> {
    let word = word.to_lowercase();
    let distance = |name: &str| {
        let apart = strsim::damerau_levenshtein(&word, &name.to_lowercase());
        let allowed = (word.chars().count().max(name.chars().count()) / 3).max(1);
        let begins = word.len() >= BEGINNING_MIN && name.starts_with(&word);
        (apart <= allowed || begins).then_some(apart)
    };
    let near = known.iter().map(AsRef::as_ref).filter_map(|name| Some((distance(name)?, name)));
    near.min_by_key(|(apart, _)| *apart).map(|(_, name)| name)
}

/// A beginning shorter than this says too little.
const BEGINNING_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_fingers_is_recognised() {
        let known = ["samples", "samples-per-file", "file-size", "files"];
        assert_eq!(nearest("sampels", &known), Some("samples"));
        assert_eq!(nearest("file_size", &known), Some("file-size"));
        assert_eq!(nearest("samples-per", &known), Some("samples-per-file"));
        assert_eq!(nearest("latency", &known), None);
        assert_eq!(nearest("x", &[] as &[&str]), None);
    }
}
