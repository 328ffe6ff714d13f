//! Large numbers, as far as private RSA fields need them: big-endian bytes, slow and plain.

/// `number mod modulus`.
pub(crate) fn remainder(number: &[u8], modulus: &[u8]) -> Vec<u8> {
    // One byte more than the modulus: room for the bit that is shifted out.
    let modulus = [&[0], strip(modulus)].concat();
    let mut rest = vec![0; modulus.len()];
    for bit in number.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)) {
        double(&mut rest, bit);
        if rest >= modulus {
            subtract(&mut rest, &modulus);
        }
    }
    strip(&rest).to_vec()
}

/// One less.
pub(crate) fn predecessor(number: &[u8]) -> Vec<u8> {
    let mut number = number.to_vec();
    let mut one = vec![0; number.len()];
    *one.last_mut().expect("a number above zero") = 1;
    subtract(&mut number, &one);
    number
}

/// Without zeros in front.
pub(crate) fn strip(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn double(number: &mut [u8], mut carry: u8) {
    for byte in number.iter_mut().rev() {
        let next = *byte >> 7;
        *byte = *byte << 1 | carry;
        carry = next;
    }
}

/// Both equally long, the first not below the second.
fn subtract(from: &mut [u8], other: &[u8]) {
    let mut borrow = false;
    for (byte, other) in from.iter_mut().zip(other).rev() {
        let (first, once) = byte.overflowing_sub(*other);
        let (second, twice) = first.overflowing_sub(u8::from(borrow));
        *byte = second;
        borrow = once || twice;
    }
}
