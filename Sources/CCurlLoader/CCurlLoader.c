#include "CCurlLoader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "Functions.h"

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
  memset(response, 0, sizeof *response);
  response->modified = -1;
  void *handle = NULL;
  const struct curl_functions *curl = curl_functions();
  if (curl != NULL) {
    handle = curl->easy_init();
  } else {
    snprintf(response->message, sizeof response->message, "%s", curl_failure());
  }
  if (handle == NULL) {
    response->outcome = CURL_LOADER_NO_LIBRARY;
    return;
  }
  struct transfer transfer = {.request = request, .response = response};
  struct list *headers = NULL;
  for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++)
    headers = curl->slist_append(headers, request->headers[i]);
  char reason[512] = "";  // libcurl wants CURL_ERROR_SIZE, 256
  curl->easy_setopt(handle, OPT_ERRORBUFFER, reason);
  curl->easy_setopt(handle, OPT_URL, request->url);
  curl->easy_setopt(handle, OPT_USERAGENT, request->user_agent);
  if (headers != NULL) curl->easy_setopt(handle, OPT_HTTPHEADER, headers);
  curl->easy_setopt(handle, OPT_NOSIGNAL, 1L);
  curl->easy_setopt(handle, OPT_FOLLOWLOCATION, 1L);
  curl->easy_setopt(handle, OPT_MAXREDIRS, (long)request->redirects);
  curl->easy_setopt(handle, OPT_PROTOCOLS, (long)PROTOCOLS_HTTP_HTTPS);
  curl->easy_setopt(handle, OPT_REDIR_PROTOCOLS, (long)PROTOCOLS_HTTP_HTTPS);
  curl->easy_setopt(handle, OPT_CONNECTTIMEOUT, (long)request->connect_seconds);
  curl->easy_setopt(handle, OPT_LOW_SPEED_LIMIT, 1L);
  curl->easy_setopt(handle, OPT_LOW_SPEED_TIME, (long)request->stall_seconds);
  curl->easy_setopt(handle, OPT_WRITEFUNCTION, write_body);
  curl->easy_setopt(handle, OPT_WRITEDATA, &transfer);
  curl->easy_setopt(handle, OPT_HEADERFUNCTION, read_header);
  curl->easy_setopt(handle, OPT_HEADERDATA, &transfer);
  curl->easy_setopt(handle, OPT_NOPROGRESS, 0L);
  curl->easy_setopt(handle, OPT_XFERINFOFUNCTION, watch);
  curl->easy_setopt(handle, OPT_XFERINFODATA, &transfer);
  // As OpenSSL's own programs and Go's have it; libcurl alone does not look.
  const char *authorities = getenv("SSL_CERT_FILE");
  if (authorities != NULL && authorities[0] != 0) curl->easy_setopt(handle, OPT_CAINFO, authorities);
  authorities = getenv("SSL_CERT_DIR");
  if (authorities != NULL && authorities[0] != 0) curl->easy_setopt(handle, OPT_CAPATH, authorities);
  int code = curl->easy_perform(handle);
  long status = 0;
  curl->easy_getinfo(handle, INFO_RESPONSE_CODE, &status);
  response->status = status;
  if (code != 0 && response->outcome == CURL_LOADER_DONE) {
    response->outcome = CURL_LOADER_FAILED;
    response->code = code;
    snprintf(response->message, sizeof response->message, "%s",
             reason[0] ? reason : curl->easy_strerror(code));
  }
  if (transfer.modified[0] != 0) response->modified = (int64_t)curl->getdate(transfer.modified, NULL);
  curl->slist_free_all(headers);
  curl->easy_cleanup(handle);
}
