//! How much memory the values of a JSON body will take, told from its bytes before it is read.

/// What one value takes in memory, with its place in a list or an object.
const BYTES_OF_A_VALUE: usize = 64;
/// A body may take so many times its size.
const MOST_TIMES: usize = 6;
/// Smaller bodies do no harm, whatever their shape.
const HARMLESS: usize = 1 << 20;

/// The number of values in a body: what stands between commas, colons and brackets outside of texts.
fn values(body: &[u8]) -> usize {
    let (mut count, mut in_text, mut escaped) = (1, false, false);
    for byte in body {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b',' | b':' | b'[' | b'{') => count += 1,
            _ => {}
        }
    }
    count
}

/// The bytes that the values of a body take in memory, about.
pub(super) fn in_memory(body: &[u8]) -> usize {
    body.len().saturating_add(values(body).saturating_mul(BYTES_OF_A_VALUE))
}

/// Why a body is not read: it would take too much memory.
pub(super) fn too_heavy(body: &[u8]) -> Option<String> {
    if body.len() <= HARMLESS || in_memory(body) <= body.len().saturating_mul(MOST_TIMES) {
        return None;
    }
    Some(format!(
        "has {} values in {} bytes, too many to be read at once: ask for fewer rows or columns",
        values(body),
        body.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_texts_are_not() {
        for (body, count) in
            [("{}", 2), ("[]", 2), ("7", 1), (r#"{"a":1,"b":[2,3]}"#, 7), (r#"["a,b:[\"{,",2]"#, 3)]
        {
            assert_eq!(values(body.as_bytes()), count, "{body}");
        }
    }

    #[test]
    fn only_many_small_values_are_too_heavy() {
        let row = format!(r#"{{"id":1,"name":"{}","email":"a@b.example"}},"#, "x".repeat(80));
        assert_eq!(too_heavy(row.repeat(20_000).as_bytes()), None);
        assert!(too_heavy("[],".repeat(1 << 20).as_bytes()).is_some());
        assert_eq!(too_heavy("[],".repeat(1000).as_bytes()), None);
    }
}
