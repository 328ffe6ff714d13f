/* A taskbar, as Wine looks for it: prints the first notification it is told of, and ends. With none in a
 * minute it says so. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define PATIENCE 60000

/* Wine's structure, up to the text of a notification. */
struct told {
    LONG window;
    UINT number, flags, message;
    WCHAR tip[128];
    DWORD state, mask;
    WCHAR text[256];
};

static LRESULT CALLBACK hear(HWND window, UINT message, WPARAM first, LPARAM second)
{
    if (message == WM_TIMER) {
        puts("no notification");
        PostQuitMessage(1);
        return 0;
    }
    if (message != WM_COPYDATA)
        return DefWindowProcW(window, message, first, second);
    const COPYDATASTRUCT *data = (const COPYDATASTRUCT *)second;
    struct told told;
    char shown[4 * 256];
    if (data->dwData == NIM_DELETE || data->cbData < sizeof told)
        return 1;
    memcpy(&told, data->lpData, sizeof told);
    told.text[255] = 0;
    WideCharToMultiByte(CP_UTF8, 0, told.text, -1, shown, sizeof shown, NULL, NULL);
    puts(shown);
    PostQuitMessage(0);
    return 1;
}

int main(void)
{
    WNDCLASSW class = {.lpfnWndProc = hear, .hInstance = GetModuleHandleW(NULL), .lpszClassName = L"Shell_TrayWnd"};
    MSG message;
    RegisterClassW(&class);
    HWND window = CreateWindowW(L"Shell_TrayWnd", L"", WS_POPUP, 0, 0, 0, 0, NULL, NULL, class.hInstance, NULL);
    if (!window || !SetTimer(window, 1, PATIENCE, NULL))
        return puts("no window"), 1;
    puts("ready");
    fflush(stdout);
    while (GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
    return (int)message.wParam;
}
