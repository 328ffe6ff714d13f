//! Builds DER by hand, right or wrong in any part.

/// A DER element.
pub(crate) fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..0x80) => out.push(short),
        Ok(middling) => out.extend_from_slice(&[0x81, middling]),
        Err(_) => {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            let zeros = length.iter().take_while(|&&byte| byte == 0).count();
            out.push(0x84 - u8::try_from(zeros).unwrap());
            out.extend_from_slice(&length[zeros..]);
        }
    }
    out.extend_from_slice(&content);
    out
}

/// An integer.
pub(crate) fn number(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(7);
    let sign: &[u8] = if bytes[start] & 0x80 == 0 { &[] } else { &[0] };
    der(2, &[sign, &bytes[start..]])
}
