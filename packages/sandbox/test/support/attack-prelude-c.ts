/**
 * What every attack in C begins with: raw system calls, trials in a process of their own, and a report as lines of JSON.
 * All attacks are functions of one program, which is compiled once; its first argument names the one to do, the second
 * says how much it is to take. Without it nothing is taken.
 */
const preludeC = String.raw`
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static long amount;
static char room[1 << 16];

static const char *told(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? "" : value;
}

static void say(const char *name, const char *what) {
  static char text[1 << 15];
  size_t length = 0;
  for (; what[length] != 0 && length < sizeof text - 1; length++) {
    text[length] = what[length] < ' ' || what[length] == '"' || what[length] == '\\' ? ' ' : what[length];
  }
  text[length] = 0;
  dprintf(1, "{\"%s\":\"%s\"}\n", name, text);
}
static void say_number(const char *name, long what) { dprintf(1, "{\"%s\":%ld}\n", name, what); }

/* What came of a call: "ok" or the name of its error. */
static const char *said(long result) {
  if (result >= 0) return "ok";
  const char *name = strerrorname_np(errno);
  return name == NULL ? "unknown" : name;
}

static int trial_pipe[2];

static pid_t trial_begin(void) {
  if (pipe(trial_pipe) != 0) abort();
  pid_t child = fork();
  if (child == 0) alarm(20);
  return child;
}

static void trial_end(long result) {
  const char *text = said(result);
  if (write(trial_pipe[1], text, strlen(text)) < 0) abort();
  _exit(0);
}

static void trial_note(const char *name, pid_t child) {
  char text[64] = "nothing";
  int status = 0;
  close(trial_pipe[1]);
  long size = read(trial_pipe[0], text, sizeof text - 1);
  if (size > 0) text[size] = 0;
  close(trial_pipe[0]);
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) snprintf(text, sizeof text, "SIG%s", sigabbrev_np(WTERMSIG(status)));
  say(name, text);
}

/* Notes what came of an expression that is evaluated in a child, or the signal that killed it. */
#define TRIAL(name, expression)                             \
  do {                                                      \
    pid_t trial_child = trial_begin();                      \
    if (trial_child == 0) trial_end((long)(expression));    \
    trial_note(name, trial_child);                          \
  } while (0)

/* The result of a call that made a process, which ends at once. */
static long spawned(long child) {
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, NULL, __WALL);
  return child;
}

/* A child that only waits, and is killed when the trial that uses it ends. */
static pid_t bystander(void) {
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pause();
    _exit(0);
  }
  return child;
}

static void pause_for(double seconds) {
  struct timespec time = {(time_t)seconds, (long)((seconds - (long)seconds) * 1e9)};
  nanosleep(&time, NULL);
}

static long peek(const char *path) {
  int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return -1;
  struct stat status;
  fstat(descriptor, &status);
  long result = S_ISDIR(status.st_mode) ? 0 : read(descriptor, room, sizeof room);
  close(descriptor);
  return result;
}

/* The names in a folder, sorted, apart by blanks. */
static const char *listing(const char *path) {
  static char text[1 << 14];
  struct dirent **entries;
  text[0] = 0;
  int count = scandir(path, &entries, NULL, alphasort);
  if (count < 0) return said(-1);
  for (int index = 0; index < count; index++) {
    const char *name = entries[index]->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(text) + strlen(name) + 2 > sizeof text) continue;
    if (text[0]) strcat(text, " ");
    strcat(text, name);
  }
  return text;
}

static bool contains(const char *path, const char *needle) {
  static char content[1 << 20];
  int descriptor = open(path, O_RDONLY);
  size_t size = 0;
  for (long part; (part = read(descriptor, content + size, sizeof content - size)) > 0;) size += part;
  close(descriptor);
  return memmem(content, size, needle, strlen(needle)) != NULL;
}

static long put(const char *path, const char *text) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY, 0644);
  if (descriptor < 0) return -1;
  long result = write(descriptor, text, strlen(text));
  close(descriptor);
  return result;
}

/* Writes to what is there and makes nothing. */
static long poke(const char *path, const char *text) {
  int descriptor = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return -1;
  long result = write(descriptor, text, strlen(text));
  close(descriptor);
  return result;
}

/* Memory that is really used: the compiler must not find out that nobody reads it. */
static void take(size_t size) {
  char *part = malloc(size);
  if (part == NULL) return;
  memset(part, 1, size);
  __asm__ volatile("" : : "r"(part) : "memory");
}

static void write_all(int descriptor, const char *data, long size) {
  while (size > 0) {
    long part = write(descriptor, data, size);
    if (part <= 0) return;
    data += part;
    size -= part;
  }
}
`;

const identifier = (name: string) => `attack_${name.replaceAll(/[^a-z0-9]/g, "_")}`;

/** One program of all attacks: their names, and what stands between the braces of each function. */
export function programC(all: readonly (readonly [name: string, body: string])[]): string {
  const names = new Set(all.map(([name]) => identifier(name)));
  if (names.size < all.length) throw new Error("two attacks have the same name");
  const functions = all.map(([name, body]) => `static int ${identifier(name)}(void) {\n${body}\nreturn 0;\n}\n`);
  const calls = all.map(([name]) => `  if (strcmp(name, "${name}") == 0) return ${identifier(name)}();\n`);
  return `${preludeC}
${functions.join("\n")}
int main(int count, char **arguments) {
  const char *name = count > 1 ? arguments[1] : "";
  amount = count > 2 ? atol(arguments[2]) : 0;
${calls.join("")}  return 64;
}
`;
}
