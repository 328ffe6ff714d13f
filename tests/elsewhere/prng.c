/*
 * bcryptprimitives.dll for Wine before 10, which has none: Rust's standard library takes the random
 * numbers of its hash maps from there. The system's generator is the same by its older name.
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG count);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    const SIZE_T most = 1 << 20;

    while (count > 0) {
        SIZE_T now = count < most ? count : most;
        if (!SystemFunction036(bytes, (ULONG)now))
            return FALSE;
        bytes += now;
        count -= now;
    }
    return TRUE;
}
