// Makes it known which bytes of a folder were synced, so that a test can take away all others, as a power loss does:
// a killed process alone loses nothing, since the kernel keeps what it wrote. Preloaded (LD_PRELOAD) into the process
// under test; it notes lengths by inode in a journal, and power-loss.ts cuts the files after the process is dead.
//
//   DROP_UNSYNCED_DIR      absolute real path of the folder; files elsewhere are left alone
//   DROP_UNSYNCED_JOURNAL  lines "= inode length" (synced up to here), "< inode length" (at most this is safe)
//   DROP_UNSYNCED_FAIL     optional: while a file of this name exists, every sync in the folder fails with EIO
//
// Bounds of the model: the length counts, so bytes overwritten in place behind it would be kept (LevelDB only ever
// appends); names are kept, new, renamed and deleted ones; writes through mmap are not seen (LevelDB 1.20 has none).
// LevelDB writes through stdio, whose own writes do not pass here: what matters is the length when a sync begins.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static const char *folder;
static const char *fail_flag;
static int journal = -1;

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate64)(int, off64_t);
static int (*real_open64)(const char *, int, ...);
static int (*real_openat64)(int, const char *, int, ...);
static FILE *(*real_fopen64)(const char *, const char *);

static void *find(const char *name) {
  void *symbol = dlsym(RTLD_NEXT, name);
  if (symbol == NULL) {
    fprintf(stderr, "drop-unsynced: no %s in the C library\n", name);
    _exit(127);
  }
  return symbol;
}

__attribute__((constructor)) static void start(void) {
  real_fsync = find("fsync");
  real_fdatasync = find("fdatasync");
  real_ftruncate64 = find("ftruncate64");
  real_open64 = find("open64");
  real_openat64 = find("openat64");
  real_fopen64 = find("fopen64");

  const char *journal_path = getenv("DROP_UNSYNCED_JOURNAL");
  folder = getenv("DROP_UNSYNCED_DIR");
  fail_flag = getenv("DROP_UNSYNCED_FAIL");
  if (folder == NULL || journal_path == NULL) return;
  journal = real_open64(journal_path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (journal < 0) {
    fprintf(stderr, "drop-unsynced: cannot open the journal %s: %s\n", journal_path, strerror(errno));
    _exit(127);
  }
}

/** Whether the descriptor is a regular file below the folder; fills in its state. Keeps errno. */
static int watched(int fd, struct stat64 *state) {
  int kept = errno;
  int found = 0;
  if (journal >= 0 && fstat64(fd, state) == 0 && S_ISREG(state->st_mode)) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    size_t prefix = strlen(folder);
    found = length > (ssize_t)prefix && strncmp(path, folder, prefix) == 0 && path[prefix] == '/';
  }
  errno = kept;
  return found;
}

/** One line, in one append, so that lines of several threads and processes do not mix. Keeps errno. */
static void note(char kind, const struct stat64 *state, long long length) {
  int kept = errno;
  char line[80];
  int size = snprintf(line, sizeof line, "%c %llu %lld\n", kind, (unsigned long long)state->st_ino, length);
  if (write(journal, line, size) != size) {
    fprintf(stderr, "drop-unsynced: cannot write the journal: %s\n", strerror(errno));
    _exit(127);
  }
  errno = kept;
}

/** An inode may be a deleted file's, used again: nothing of an empty file is safe. */
static void opened(int fd) {
  struct stat64 state;
  if (fd >= 0 && watched(fd, &state) && state.st_size == 0) note('<', &state, 0);
}

static int synced(int fd, int (*sync)(int)) {
  struct stat64 before;
  if (!watched(fd, &before)) return sync(fd);
  if (fail_flag != NULL && access(fail_flag, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  int result = sync(fd);
  // The length from before: what was written during the sync need not be part of it.
  if (result == 0) note('=', &before, before.st_size);
  return result;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int ftruncate64(int fd, off64_t length) {
  struct stat64 state;
  int result = real_ftruncate64(fd, length);
  if (result == 0 && watched(fd, &state)) note('<', &state, length);
  return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int mode_of(int flags, va_list rest) {
  return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, int) : 0;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int fd = real_open64(path, flags, mode_of(flags, rest));
  va_end(rest);
  opened(fd);
  return fd;
}
int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = mode_of(flags, rest);
  va_end(rest);
  return open64(path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int fd = real_openat64(at, path, flags, mode_of(flags, rest));
  va_end(rest);
  opened(fd);
  return fd;
}
int openat(int at, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = mode_of(flags, rest);
  va_end(rest);
  return openat64(at, path, flags, mode);
}

int creat64(const char *path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat(const char *path, mode_t mode) { return creat64(path, mode); }

FILE *fopen64(const char *path, const char *mode) {
  FILE *file = real_fopen64(path, mode);
  if (file != NULL) opened(fileno(file));
  return file;
}
FILE *fopen(const char *path, const char *mode) { return fopen64(path, mode); }
