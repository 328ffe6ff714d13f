/* A person at a dialog of keyfob: press LABEL [TEXT]. Waits for the dialog, prints what it says, types TEXT
 * into its field, and presses the button of this label until the dialog is gone. */
#include <windows.h>
#include <stdio.h>
#include <wchar.h>

#define PATIENCE 50000
#define TEXT_CONTROL 50
#define FIELD_CONTROL 51

static HWND labelled(HWND dialog, const wchar_t *label)
{
    wchar_t text[256];
    HWND one = NULL;
    while ((one = FindWindowExW(dialog, one, L"Button", NULL)) != NULL) {
        SendMessageW(one, WM_GETTEXT, 256, (LPARAM)text);
        if (wcscmp(text, label) == 0)
            return one;
    }
    return NULL;
}

int wmain(int count, wchar_t **words)
{
    static wchar_t text[8192];
    static char shown[32768];
    HWND dialog = NULL, button = NULL;
    DWORD began = GetTickCount();
    if (count < 2)
        return 2;
    while (button == NULL || !IsWindowEnabled(button)) {
        if (GetTickCount() - began > PATIENCE) {
            puts(dialog == NULL ? "no dialog" : "no such button");
            return 1;
        }
        Sleep(20);
        dialog = FindWindowW(L"#32770", L"keyfob");
        button = dialog == NULL ? NULL : labelled(dialog, words[1]);
    }
    SendMessageW(GetDlgItem(dialog, TEXT_CONTROL), WM_GETTEXT, 8192, (LPARAM)text);
    WideCharToMultiByte(CP_UTF8, 0, text, -1, shown, sizeof shown, NULL, NULL);
    puts(shown);
    if (count > 2)
        SendMessageW(GetDlgItem(dialog, FIELD_CONTROL), WM_SETTEXT, 0, (LPARAM)words[2]);
    while (IsWindow(dialog)) {
        if (GetTickCount() - began > PATIENCE) {
            puts("it stays");
            return 1;
        }
        SendMessageW(button, BM_CLICK, 0, 0);
        Sleep(50);
    }
    return 0;
}
