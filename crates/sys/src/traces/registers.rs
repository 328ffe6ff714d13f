//! The vector registers: what copies and computes secrets, and keeps the last ones.
//!
//! On Windows the lower halves of `xmm6` to `xmm15` are a function's to restore, so they come back as
//! they were. There only the next computation overwrites them.

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::wipe;

/// Not on this processor yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn wipe() {}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::asm;

    /// Zeros them all.
    pub(in crate::traces) fn wipe() {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has what it asks for.
            unsafe { wipe_upper() };
        }
        if is_x86_feature_detected!("avx") {
            // SAFETY: the processor has the instruction; every register it changes is declared.
            unsafe { asm!("vzeroall", clobber_abi("sysv64"), options(nomem, nostack)) };
        } else {
            wipe_lower();
        }
    }

    /// The sixteen that AVX-512 added.
    ///
    /// # Safety
    /// The processor has AVX-512F.
    #[target_feature(enable = "avx512f")]
    unsafe fn wipe_upper() {
        // SAFETY: the caller's promise; every register that is changed is declared.
        unsafe {
            asm!(
                "vpxord zmm16, zmm16, zmm16",
                "vpxord zmm17, zmm17, zmm17",
                "vpxord zmm18, zmm18, zmm18",
                "vpxord zmm19, zmm19, zmm19",
                "vpxord zmm20, zmm20, zmm20",
                "vpxord zmm21, zmm21, zmm21",
                "vpxord zmm22, zmm22, zmm22",
                "vpxord zmm23, zmm23, zmm23",
                "vpxord zmm24, zmm24, zmm24",
                "vpxord zmm25, zmm25, zmm25",
                "vpxord zmm26, zmm26, zmm26",
                "vpxord zmm27, zmm27, zmm27",
                "vpxord zmm28, zmm28, zmm28",
                "vpxord zmm29, zmm29, zmm29",
                "vpxord zmm30, zmm30, zmm30",
                "vpxord zmm31, zmm31, zmm31",
                clobber_abi("sysv64"),
                options(nomem, nostack)
            );
        }
    }

    /// The sixteen that every x86-64 processor has.
    fn wipe_lower() {
        // SAFETY: the instructions are in every such processor; all that is changed is declared.
        unsafe {
            asm!(
                "pxor xmm0, xmm0",
                "pxor xmm1, xmm1",
                "pxor xmm2, xmm2",
                "pxor xmm3, xmm3",
                "pxor xmm4, xmm4",
                "pxor xmm5, xmm5",
                "pxor xmm6, xmm6",
                "pxor xmm7, xmm7",
                "pxor xmm8, xmm8",
                "pxor xmm9, xmm9",
                "pxor xmm10, xmm10",
                "pxor xmm11, xmm11",
                "pxor xmm12, xmm12",
                "pxor xmm13, xmm13",
                "pxor xmm14, xmm14",
                "pxor xmm15, xmm15",
                clobber_abi("sysv64"),
                options(nomem, nostack)
            );
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const PATTERN: [u8; 16] = *b"a register's own";

        // A register that on every system is the caller's to save.
        fn fill() {
            // SAFETY: reads 16 bytes and declares what it changes.
            unsafe {
                asm!("movdqu xmm5, [{}]", in(reg) PATTERN.as_ptr(), out("xmm5") _);
            }
        }

        fn read() -> [u8; 16] {
            let mut bytes = [0; 16];
            // SAFETY: writes 16 bytes. What is in the register is whatever came last.
            unsafe { asm!("movdqu [{}], xmm5", in(reg) bytes.as_mut_ptr()) };
            bytes
        }

        #[test]
        fn what_was_copied_last_is_gone() {
            fill();
            assert_eq!(read(), PATTERN, "nothing stayed, so nothing is proved");
            fill();
            wipe();
            assert_eq!(read(), [0; 16]);
            fill();
            wipe_lower();
            assert_eq!(read(), [0; 16]);
        }
    }
}
