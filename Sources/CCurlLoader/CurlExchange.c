#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CCurlLoader.h"
#include "Functions.h"

struct state {
  const struct curl_exchange *exchange;
  struct curl_exchange_result *result;
};

static size_t send_body(char *buffer, size_t size, size_t count, void *data) {
  struct state *state = data;
  int64_t read = state->exchange->read(state->exchange->context, buffer, size * count);
  return read < 0 ? READFUNC_ABORT : (size_t)read;
}

static int seek_body(void *data, int64_t offset, int origin) {
  struct state *state = data;
  // libcurl only ever asks from the start; anything else counts as failed.
  return origin == 0 ? state->exchange->seek(state->exchange->context, offset) : 1;
}

static size_t take_head(char *bytes, size_t size, size_t count, void *data) {
  struct state *state = data;
  state->exchange->head(state->exchange->context, bytes, size * count);
  return size * count;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data) {
  struct state *state = data;
  size_t length = size * count;
  // Any other number than all of them tells libcurl to stop.
  return state->exchange->body(state->exchange->context, bytes, length) == 0 ? length : length + 1;
}

static int watch(void *data, int64_t a, int64_t b, int64_t c, int64_t d) {
  (void)a, (void)b, (void)c, (void)d;
  struct state *state = data;
  struct pollfd cancel = {.fd = state->exchange->cancel, .events = POLLIN};
  if (cancel.fd < 0 || poll(&cancel, 1, 0) != 1) return 0;
  state->result->outcome = CURL_LOADER_CANCELLED;
  return 1;
}

const char *curl_loader_failure(void) { return curl_functions() == NULL ? curl_failure() : ""; }

void *curl_connection_open(void) {
  const struct curl_functions *curl = curl_functions();
  return curl == NULL ? NULL : curl->easy_init();
}

void curl_connection_close(void *connection) {
  const struct curl_functions *curl = curl_functions();
  if (curl != NULL && connection != NULL) curl->easy_cleanup(connection);
}

struct blob {
  void *data;
  size_t size;
  unsigned flags;
};

void curl_connection_exchange(void *handle, const struct curl_exchange *exchange,
                              struct curl_exchange_result *result) {
  memset(result, 0, sizeof *result);
  const struct curl_functions *curl = curl_functions();
  if (curl == NULL || handle == NULL) {
    result->outcome = CURL_LOADER_NO_LIBRARY;
    snprintf(result->message, sizeof result->message, "%s", curl_failure());
    return;
  }
  struct state state = {.exchange = exchange, .result = result};
  struct list *headers = NULL;
  for (size_t i = 0; exchange->headers != NULL && exchange->headers[i] != NULL; i++)
    headers = curl->slist_append(headers, exchange->headers[i]);
  // Options go, connections stay.
  curl->easy_reset(handle);
  char reason[512] = "";  // libcurl wants CURL_ERROR_SIZE, 256
  curl->easy_setopt(handle, OPT_ERRORBUFFER, reason);
  curl->easy_setopt(handle, OPT_URL, exchange->url);
  curl->easy_setopt(handle, OPT_USERAGENT, exchange->user_agent);
  if (headers != NULL) curl->easy_setopt(handle, OPT_HTTPHEADER, headers);
  curl->easy_setopt(handle, OPT_NOSIGNAL, 1L);
  curl->easy_setopt(handle, OPT_FOLLOWLOCATION, 0L);
  curl->easy_setopt(handle, OPT_PROTOCOLS, (long)PROTOCOLS_HTTP_HTTPS);
  curl->easy_setopt(handle, OPT_CONNECTTIMEOUT, (long)exchange->connect_seconds);
  curl->easy_setopt(handle, OPT_LOW_SPEED_LIMIT, 1L);
  curl->easy_setopt(handle, OPT_LOW_SPEED_TIME, (long)exchange->stall_seconds);
  curl->easy_setopt(handle, OPT_BUFFERSIZE, 256L << 10);
  curl->easy_setopt(handle, OPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl->easy_setopt(handle, OPT_WRITEFUNCTION, take_body);
  curl->easy_setopt(handle, OPT_WRITEDATA, &state);
  curl->easy_setopt(handle, OPT_HEADERFUNCTION, take_head);
  curl->easy_setopt(handle, OPT_HEADERDATA, &state);
  curl->easy_setopt(handle, OPT_NOPROGRESS, 0L);
  curl->easy_setopt(handle, OPT_XFERINFOFUNCTION, watch);
  curl->easy_setopt(handle, OPT_XFERINFODATA, &state);
  if (exchange->body_size >= 0) {
    curl->easy_setopt(handle, OPT_UPLOAD, 1L);
    curl->easy_setopt(handle, OPT_UPLOAD_BUFFERSIZE, 256L << 10);
    curl->easy_setopt(handle, OPT_INFILESIZE_LARGE, exchange->body_size);
    curl->easy_setopt(handle, OPT_READFUNCTION, send_body);
    curl->easy_setopt(handle, OPT_READDATA, &state);
    curl->easy_setopt(handle, OPT_SEEKFUNCTION, seek_body);
    curl->easy_setopt(handle, OPT_SEEKDATA, &state);
    curl->easy_setopt(handle, OPT_CUSTOMREQUEST, exchange->method);
  } else if (strcmp(exchange->method, "HEAD") == 0) {
    curl->easy_setopt(handle, OPT_NOBODY, 1L);
  } else {
    curl->easy_setopt(handle, OPT_CUSTOMREQUEST, exchange->method);
  }
  // As OpenSSL's own programs and Go's have it; libcurl alone does not look.
  const char *file = getenv("SSL_CERT_FILE"), *folder = getenv("SSL_CERT_DIR");
  if (file != NULL && file[0] != 0) curl->easy_setopt(handle, OPT_CAINFO, file);
  if (folder != NULL && folder[0] != 0) curl->easy_setopt(handle, OPT_CAPATH, folder);
  struct blob authorities = {(void *)exchange->authorities, exchange->authorities_size, 1 /* copied */};
  if (authorities.data != NULL) curl->easy_setopt(handle, OPT_CAINFO_BLOB, &authorities);
  if (exchange->certificate != NULL) curl->easy_setopt(handle, OPT_SSLCERT, exchange->certificate);
  if (exchange->key != NULL) curl->easy_setopt(handle, OPT_SSLKEY, exchange->key);
  if (exchange->is_unverified) {
    curl->easy_setopt(handle, OPT_SSL_VERIFYPEER, 0L);
    curl->easy_setopt(handle, OPT_SSL_VERIFYHOST, 0L);
  }
  int code = curl->easy_perform(handle);
  if (code != 0 && result->outcome == CURL_LOADER_DONE) {
    result->outcome = CURL_LOADER_FAILED;
    result->code = code;
    snprintf(result->message, sizeof result->message, "%s", reason[0] ? reason : curl->easy_strerror(code));
  }
  curl->slist_free_all(headers);
  // Nothing of this call's stack is left in the handle.
  curl->easy_reset(handle);
}
