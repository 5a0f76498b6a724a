// libcurl's functions take variable arguments, which only C can pass. The numbers below are its
// binary interface, which is kept for ever (curl.h, "CURLOPT" and "CURLINFO").

#include "CCurlLoader.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum option {
  OPT_WRITEDATA = 10001,
  OPT_URL = 10002,
  OPT_ERRORBUFFER = 10010,
  OPT_USERAGENT = 10018,
  OPT_LOW_SPEED_LIMIT = 19,
  OPT_LOW_SPEED_TIME = 20,
  OPT_HTTPHEADER = 10023,
  OPT_CAINFO = 10065,
  OPT_CAPATH = 10097,
  OPT_HEADERDATA = 10029,
  OPT_NOPROGRESS = 43,
  OPT_FOLLOWLOCATION = 52,
  OPT_XFERINFODATA = 10057,
  OPT_MAXREDIRS = 68,
  OPT_CONNECTTIMEOUT = 78,
  OPT_NOSIGNAL = 99,
  OPT_PROTOCOLS = 181,
  OPT_REDIR_PROTOCOLS = 182,
  OPT_WRITEFUNCTION = 20011,
  OPT_HEADERFUNCTION = 20079,
  OPT_XFERINFOFUNCTION = 20219,
  INFO_RESPONSE_CODE = 0x200002,
  GLOBAL_DEFAULT = 3,
  PROTOCOLS_HTTP_HTTPS = 3,
};

struct list;

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_perform)(void *);
  int (*easy_getinfo)(void *, int, ...);
  void (*easy_cleanup)(void *);
  const char *(*easy_strerror)(int);
  struct list *(*slist_append)(struct list *, const char *);
  void (*slist_free_all)(struct list *);
  time_t (*getdate)(const char *, const time_t *);
} curl;

static char load_failure[512];

static void load(void) {
  const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
  void *library = NULL;
  for (size_t i = 0; library == NULL && i < sizeof names / sizeof *names; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL && i == 0) {
      const char *reason = dlerror();
      snprintf(load_failure, sizeof load_failure, "%s", reason ? reason : "unknown");
    }
  }
  if (library == NULL) return;
  const struct {
    const char *name;
    void *place;
  } symbols[] = {
      {"curl_global_init", &curl.global_init},   {"curl_easy_init", &curl.easy_init},
      {"curl_easy_setopt", &curl.easy_setopt},   {"curl_easy_perform", &curl.easy_perform},
      {"curl_easy_getinfo", &curl.easy_getinfo}, {"curl_easy_cleanup", &curl.easy_cleanup},
      {"curl_easy_strerror", &curl.easy_strerror}, {"curl_slist_append", &curl.slist_append},
      {"curl_slist_free_all", &curl.slist_free_all}, {"curl_getdate", &curl.getdate},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    void *symbol = dlsym(library, symbols[i].name);
    if (symbol == NULL) {
      snprintf(load_failure, sizeof load_failure, "it has no %s", symbols[i].name);
      return;
    }
    memcpy(symbols[i].place, &symbol, sizeof symbol);
  }
  if (curl.global_init(GLOBAL_DEFAULT) != 0) {
    snprintf(load_failure, sizeof load_failure, "it cannot be initialised");
    return;
  }
  load_failure[0] = 0;
}

struct transfer {
  const struct curl_loader_request *request;
  struct curl_loader_response *response;
  // Headers of the last answer; those of a redirection before it are forgotten.
  char modified[128];
};

static size_t write_body(char *bytes, size_t size, size_t count, void *data) {
  struct transfer *transfer = data;
  struct curl_loader_response *response = transfer->response;
  size_t length = size * count, done = 0;
  if ((uint64_t)length > (uint64_t)(transfer->request->limit - response->size)) {
    response->outcome = CURL_LOADER_TOO_LARGE;
    return 0;
  }
  while (done < length) {
    ssize_t written = write(transfer->request->descriptor, bytes + done, length - done);
    if (written < 0) {
      if (errno == EINTR) continue;
      response->outcome = CURL_LOADER_WRITE_FAILED;
      response->code = errno;
      return 0;
    }
    done += (size_t)written;
  }
  response->size += (int64_t)length;
  return length;
}

static void keep(const char *bytes, size_t length, const char *name, char *place, size_t room) {
  size_t prefix = strlen(name);
  if (length <= prefix || strncasecmp(bytes, name, prefix) != 0) return;
  bytes += prefix;
  length -= prefix;
  while (length > 0 && (*bytes == ' ' || *bytes == '\t')) bytes++, length--;
  while (length > 0 && strchr(" \t\r\n", bytes[length - 1]) != NULL) length--;
  // A value that does not fit is as good as none.
  if (length >= room) return;
  memcpy(place, bytes, length);
  place[length] = 0;
}

static size_t read_header(char *bytes, size_t size, size_t count, void *data) {
  struct transfer *transfer = data;
  struct curl_loader_response *response = transfer->response;
  size_t length = size * count;
  if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) {
    transfer->modified[0] = response->etag[0] = response->disposition[0] = 0;
  }
  keep(bytes, length, "Last-Modified:", transfer->modified, sizeof transfer->modified);
  keep(bytes, length, "ETag:", response->etag, sizeof response->etag);
  keep(bytes, length, "Content-Disposition:", response->disposition, sizeof response->disposition);
  return length;
}

static int watch(void *data, int64_t a, int64_t b, int64_t c, int64_t d) {
  (void)a, (void)b, (void)c, (void)d;
  struct transfer *transfer = data;
  struct pollfd cancel = {.fd = transfer->request->cancel, .events = POLLIN};
  if (cancel.fd < 0 || poll(&cancel, 1, 0) != 1) return 0;
  transfer->response->outcome = CURL_LOADER_CANCELLED;
  return 1;
}

void curl_loader_get(const struct curl_loader_request *request,
                     struct curl_loader_response *response) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  memset(response, 0, sizeof *response);
  response->modified = -1;
  void *handle = NULL;
  if (load_failure[0] == 0) {
    handle = curl.easy_init();
  } else {
    snprintf(response->message, sizeof response->message, "%s", load_failure);
  }
  if (handle == NULL) {
    response->outcome = CURL_LOADER_NO_LIBRARY;
    return;
  }
  struct transfer transfer = {.request = request, .response = response};
  struct list *headers = NULL;
  for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++)
    headers = curl.slist_append(headers, request->headers[i]);
  char reason[512] = "";  // libcurl wants CURL_ERROR_SIZE, 256
  curl.easy_setopt(handle, OPT_ERRORBUFFER, reason);
  curl.easy_setopt(handle, OPT_URL, request->url);
  curl.easy_setopt(handle, OPT_USERAGENT, request->user_agent);
  if (headers != NULL) curl.easy_setopt(handle, OPT_HTTPHEADER, headers);
  curl.easy_setopt(handle, OPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, OPT_FOLLOWLOCATION, 1L);
  curl.easy_setopt(handle, OPT_MAXREDIRS, (long)request->redirects);
  curl.easy_setopt(handle, OPT_PROTOCOLS, (long)PROTOCOLS_HTTP_HTTPS);
  curl.easy_setopt(handle, OPT_REDIR_PROTOCOLS, (long)PROTOCOLS_HTTP_HTTPS);
  curl.easy_setopt(handle, OPT_CONNECTTIMEOUT, (long)request->connect_seconds);
  curl.easy_setopt(handle, OPT_LOW_SPEED_LIMIT, 1L);
  curl.easy_setopt(handle, OPT_LOW_SPEED_TIME, (long)request->stall_seconds);
  curl.easy_setopt(handle, OPT_WRITEFUNCTION, write_body);
  curl.easy_setopt(handle, OPT_WRITEDATA, &transfer);
  curl.easy_setopt(handle, OPT_HEADERFUNCTION, read_header);
  curl.easy_setopt(handle, OPT_HEADERDATA, &transfer);
  curl.easy_setopt(handle, OPT_NOPROGRESS, 0L);
  curl.easy_setopt(handle, OPT_XFERINFOFUNCTION, watch);
  curl.easy_setopt(handle, OPT_XFERINFODATA, &transfer);
  // As OpenSSL's own programs and Go's have it; libcurl alone does not look.
  const char *authorities = getenv("SSL_CERT_FILE");
  if (authorities != NULL && authorities[0] != 0) curl.easy_setopt(handle, OPT_CAINFO, authorities);
  authorities = getenv("SSL_CERT_DIR");
  if (authorities != NULL && authorities[0] != 0) curl.easy_setopt(handle, OPT_CAPATH, authorities);
  int code = curl.easy_perform(handle);
  long status = 0;
  curl.easy_getinfo(handle, INFO_RESPONSE_CODE, &status);
  response->status = status;
  if (code != 0 && response->outcome == CURL_LOADER_DONE) {
    response->outcome = CURL_LOADER_FAILED;
    response->code = code;
    snprintf(response->message, sizeof response->message, "%s",
             reason[0] ? reason : curl.easy_strerror(code));
  }
  if (transfer.modified[0] != 0) response->modified = (int64_t)curl.getdate(transfer.modified, NULL);
  curl.slist_free_all(headers);
  curl.easy_cleanup(handle);
}
