/* A client of Pageant's window, as PuTTY's programs before 0.75 are: shares memory of which it is the
 * owner, sends its name, and prints what took the place of its request. What a client does wrong is the
 * one argument. With `screen-locked` it says to keyfob's own windows what Windows says then. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define LARGEST 262144

static const unsigned char list[] = {0, 0, 0, 1, 11};
static const unsigned char endless[] = {0xff, 0xff, 0xff, 0xff, 11};

int main(int count, char **words)
{
    const char *how = count > 1 ? words[1] : "";
    if (!strcmp(how, "screen-locked")) {
        HWND own = NULL;
        while ((own = FindWindowExA(NULL, own, "keyfob session", "keyfob session"))) {
            SendMessageA(own, WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK, 0);
            puts("told");
        }
        return 0;
    }
    HWND window = FindWindowA("Pageant", "Pageant");
    if (!window)
        return puts("no window"), 1;

    /* Whose the memory is. Without it Wine's has no owner at all. */
    HANDLE token;
    DWORD written;
    union {
        TOKEN_USER user;
        char space[256];
    } told;
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, &descriptor, FALSE};
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) ||
        !GetTokenInformation(token, TokenUser, &told, sizeof told, &written) ||
        !InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION) ||
        !SetSecurityDescriptorOwner(&descriptor, told.user.User.Sid, FALSE))
        return puts("no owner"), 1;

    char name[32];
    sprintf(name, "PageantRequest%08x", (unsigned)GetCurrentThreadId());
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, strcmp(how, "unowned") ? &attributes : NULL,
                                        PAGE_READWRITE, 0, LARGEST, name);
    unsigned char *shared = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    if (!shared)
        return puts("no shared memory"), 1;
    memcpy(shared, strcmp(how, "endless") ? list : endless, sizeof list);

    COPYDATASTRUCT message = {0x804e50ba, strlen(name) + 1, name};
    if (!strcmp(how, "other"))
        message.dwData = 1;
    if (!strcmp(how, "unended"))
        message.cbData = strlen(name);
    if (!strcmp(how, "nowhere"))
        name[0] = 'p';
    if (!SendMessageA(window, WM_COPYDATA, 0, (LPARAM)&message))
        return puts("refused"), 0;
    printf("type %d", shared[4]);
    if (shared[4] == 12)
        printf(", %d keys", shared[8]);
    putchar('\n');
    return 0;
}
