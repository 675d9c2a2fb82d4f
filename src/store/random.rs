//! Random bytes of the operating system, and bytes as text.

/// Random bytes of the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a hexadecimal text; None if it is not one.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte =
        |place| text.get(place..place + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    text.len().is_multiple_of(2).then(|| (0..text.len()).step_by(2).map(byte).collect())?
}
