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
