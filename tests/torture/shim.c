/* Stands between a program and the C library: logs what changes files below a folder, and makes the
   Nth of these calls fail.

   Loaded by LD_PRELOAD. SHIM_FOLDER is the folder; SHIM_LOG, where it is set, the log that
   `recording.py` reads. A call that fails was not done, but for a write: half of it was.

   For programs that load no controls: SHIM_FAIL="kinds at on error" is the same as shim_fail, and
   SHIM_CLOCK is by how many seconds the system's clock is wrong. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void shim_fail(int kinds, long at, int on, int error);

enum { WRITE = 1, SYNC = 2, NAME = 4, OPEN = 8, UNLINK = 16, TRUNCATE = 32 };
enum { MOST = 4096 };

static char watched[MOST];
static const char *folder;
static size_t folder_size;
static int log_fd = -1;

static int failing, failing_error, failing_on;
static long failing_at, seen;

__attribute__((constructor)) static void start(void) {
    folder = getenv("SHIM_FOLDER");
    folder_size = folder ? strlen(folder) : 0;
    const char *name = getenv("SHIM_LOG");
    if (name)
        log_fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int kinds, on, error;
    long at;
    const char *fail = getenv("SHIM_FAIL");
    if (fail && sscanf(fail, "%d %ld %d %d", &kinds, &at, &on, &error) == 4)
        shim_fail(kinds, at, on, error);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, clock, now);
    const char *wrong = getenv("SHIM_CLOCK");
    if (!done && wrong && clock == CLOCK_REALTIME)
        now->tv_sec += atol(wrong);
    return done;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept)
        *kept = now.tv_sec;
    return now.tv_sec;
}

/* What the program under test calls through ctypes. */

void shim_fail(int kinds, long at, int on, int error) {
    failing = kinds, failing_at = at, failing_on = on, failing_error = error, seen = 0;
}

long shim_seen(void) { return seen; }

static int fails(int kind) {
    if (!(failing & kind))
        return 0;
    seen++;
    if (seen != failing_at && !(failing_on && seen > failing_at))
        return 0;
    errno = failing_error;
    return 1;
}

static void note(char kind, int64_t fd, int64_t at, const char *one, const char *two,
                 const void *data, size_t size) {
    if (log_fd < 0)
        return;
    int saved = errno;
    struct __attribute__((packed)) {
        char kind;
        int64_t fd, at;
        uint32_t one, two, size;
    } head = {kind, fd, at, one ? strlen(one) : 0, two ? strlen(two) : 0, size};
    syscall(SYS_write, log_fd, &head, sizeof head);
    if (head.one) syscall(SYS_write, log_fd, one, head.one);
    if (head.two) syscall(SYS_write, log_fd, two, head.two);
    if (size) syscall(SYS_write, log_fd, data, size);
    errno = saved;
}

void shim_mark(const char *text) { note('M', -1, 0, text, 0, 0, 0); }

static int below(const char *path) { return folder && !strncmp(path, folder, folder_size); }
static int ours(int fd) { return fd >= 0 && fd < MOST && watched[fd]; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int fd, const char *path, int flags) {
    if (fd < 0 || fd >= MOST || (flags & O_TMPFILE) == O_TMPFILE)
        return fd;
    watched[fd] = 1;
    struct stat status;
    int kind = !fstat(fd, &status) && S_ISDIR(status.st_mode) ? 'D' : 'O';
    note(kind, fd, flags & O_TRUNC ? 1 : 0, path, 0, 0, 0);
    return fd;
}

#define OPENING(name)                                                                              \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                  \
        va_end(rest);                                                                              \
        if (!below(path))                                                                          \
            return REAL(name)(path, flags, mode);                                                  \
        return fails(OPEN) ? -1 : opened(REAL(name)(path, flags, mode), path, flags);              \
    }
OPENING(open)
OPENING(open64)

int close(int fd) {
    if (ours(fd)) {
        watched[fd] = 0;
        note('C', fd, 0, 0, 0, 0, 0);
    }
    return REAL(close)(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
    if (!ours(fd))
        return REAL(write)(fd, data, size);
    int failed = fails(WRITE);
    int64_t at = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t done = REAL(write)(fd, data, failed ? size / 2 : size);
    if (done > 0)
        note('W', fd, at, 0, 0, data, done);
    if (failed)
        errno = failing_error;
    return failed ? -1 : done;
}

#define WRITING(name, offset)                                                                      \
    ssize_t name(int fd, const void *data, size_t size, offset at) {                               \
        if (!ours(fd))                                                                             \
            return REAL(name)(fd, data, size, at);                                                 \
        int failed = fails(WRITE);                                                                 \
        ssize_t done = REAL(name)(fd, data, failed ? size / 2 : size, at);                         \
        if (done > 0)                                                                              \
            note('W', fd, at, 0, 0, data, done);                                                   \
        if (failed)                                                                                \
            errno = failing_error;                                                                 \
        return failed ? -1 : done;                                                                 \
    }
WRITING(pwrite, off_t)
WRITING(pwrite64, off64_t)

#define SYNCING(name)                                                                              \
    int name(int fd) {                                                                             \
        if (!ours(fd))                                                                             \
            return REAL(name)(fd);                                                                 \
        if (fails(SYNC))                                                                           \
            return -1;                                                                             \
        note('S', fd, 0, 0, 0, 0, 0);                                                              \
        return 0; /* the medium is `recording.py`'s business; the kernel's cache serves a kill */  \
    }
SYNCING(fsync)
SYNCING(fdatasync)

#define CUTTING(name, offset)                                                                      \
    int name(int fd, offset size) {                                                                \
        if (!ours(fd))                                                                             \
            return REAL(name)(fd, size);                                                           \
        if (fails(TRUNCATE))                                                                       \
            return -1;                                                                             \
        note('T', fd, size, 0, 0, 0, 0);                                                           \
        return REAL(name)(fd, size);                                                               \
    }
CUTTING(ftruncate, off_t)
CUTTING(ftruncate64, off64_t)

#define NAMING(name, letter)                                                                       \
    int name(const char *one, const char *two) {                                                   \
        if (!below(two))                                                                           \
            return REAL(name)(one, two);                                                           \
        if (fails(NAME))                                                                           \
            return -1;                                                                             \
        int done = REAL(name)(one, two);                                                           \
        if (!done)                                                                                 \
            note(letter, -1, 0, one, two, 0, 0);                                                   \
        return done;                                                                               \
    }
NAMING(rename, 'R')
NAMING(link, 'L')

int unlink(const char *path) {
    if (!below(path))
        return REAL(unlink)(path);
    if (fails(UNLINK))
        return -1;
    int done = REAL(unlink)(path);
    if (!done)
        note('U', -1, 0, path, 0, 0, 0);
    return done;
}
