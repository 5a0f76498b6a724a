#pragma once
// HTTP through libcurl, which is opened when the first request is made: most runs of the program
// need none, and loading it costs more than they take.

#include <stddef.h>
#include <stdint.h>

enum curl_loader_outcome {
  CURL_LOADER_DONE = 0,
  CURL_LOADER_NO_LIBRARY,    // libcurl is not installed; `message` says what the loader said
  CURL_LOADER_FAILED,        // libcurl gave up; `code` and `message` are its own
  CURL_LOADER_TOO_LARGE,     // more than `limit` bytes
  CURL_LOADER_WRITE_FAILED,  // `code` is errno
  CURL_LOADER_CANCELLED,
};

struct curl_loader_request {
  const char *url;
  const char *user_agent;
  const char *const *headers;  // "Name: value", NULL at the end; or NULL
  int32_t descriptor;          // where the body goes
  int32_t cancel;              // readable once the request is to be given up; -1 for none
  int64_t limit;               // bytes of the body at most
  int64_t connect_seconds;     // for a connection
  int64_t stall_seconds;       // without as much as a byte a second
  int64_t redirects;           // at most
};

struct curl_loader_response {
  int32_t outcome;
  int32_t code;
  int64_t status;         // of the last answer
  int64_t size;           // bytes that were written
  int64_t modified;       // Last-Modified in seconds since 1970; -1 without
  char message[512];
  char etag[512];         // of the last answer; empty without
  char disposition[1024];  // Content-Disposition of the last answer; empty without
};

// Carries out one GET, only over http and https, and blocks until it is done.
void curl_loader_get(const struct curl_loader_request *request,
                     struct curl_loader_response *response);

// One request and its answer, on a connection that stays open for the next one to the same host. Redirections are
// not followed: who may see which header is for the caller to say.
struct curl_exchange {
  const char *method;
  const char *url;
  const char *user_agent;
  const char *const *headers;  // "Name: value", NULL at the end; or NULL
  const char *authorities;     // PEM of the authorities that are trusted, in place of libcurl's; NULL for libcurl's
  size_t authorities_size;
  const char *certificate;  // paths of a client's certificate and key in PEM; NULL for none
  const char *key;
  int32_t is_unverified;    // whether any certificate of the server is taken
  int32_t cancel;           // readable once the request is to be given up; -1 for none
  int64_t connect_seconds;  // for a connection
  int64_t stall_seconds;    // without as much as a byte a second
  int64_t body_size;        // bytes that are sent; -1 for a request without a body
  void *context;            // what the functions below are called with
  // Fills a buffer with the next bytes that are sent; a negative number gives up.
  int64_t (*read)(void *context, char *buffer, size_t room);
  // Goes to a place in what is sent; anything but 0 gives up.
  int32_t (*seek)(void *context, int64_t offset);
  // A line of the answer's head, with its end.
  void (*head)(void *context, const char *bytes, size_t size);
  // Bytes of the answer; anything but 0 gives up.
  int32_t (*body)(void *context, const char *bytes, size_t size);
};

struct curl_exchange_result {
  int32_t outcome;  // DONE, NO_LIBRARY, FAILED (of a function above too) or CANCELLED
  int32_t code;     // libcurl's
  char message[512];
};

// A place for connections; NULL if there is no libcurl, or no memory. One thread uses it at a time.
void *curl_connection_open(void);
void curl_connection_close(void *connection);

// Why there is no libcurl; empty if there is one.
const char *curl_loader_failure(void);

// Blocks until the answer is there.
void curl_connection_exchange(void *connection, const struct curl_exchange *exchange,
                              struct curl_exchange_result *result);
