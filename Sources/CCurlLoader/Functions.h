#pragma once
// The part of libcurl's binary interface that is used here. Its functions take variable arguments, which only C
// can pass. The numbers are kept for ever (curl.h, "CURLOPT" and "CURLINFO").

#include <time.h>

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
  OPT_READDATA = 10009,
  OPT_CUSTOMREQUEST = 10036,
  OPT_SSLCERT = 10025,
  OPT_SSLKEY = 10087,
  OPT_SEEKDATA = 10168,
  OPT_READFUNCTION = 20012,
  OPT_SEEKFUNCTION = 20167,
  OPT_INFILESIZE_LARGE = 30115,
  OPT_CAINFO_BLOB = 40309,
  OPT_NOBODY = 44,
  OPT_UPLOAD = 46,
  OPT_SSL_VERIFYPEER = 64,
  OPT_SSL_VERIFYHOST = 81,
  OPT_BUFFERSIZE = 98,
  OPT_SUPPRESS_CONNECT_HEADERS = 265,
  OPT_UPLOAD_BUFFERSIZE = 280,
  INFO_RESPONSE_CODE = 0x200002,
  READFUNC_ABORT = 0x10000000,
  GLOBAL_DEFAULT = 3,
  PROTOCOLS_HTTP_HTTPS = 3,
};

struct list;

struct curl_functions {
  int (*global_init)(long);
  void *(*easy_init)(void);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_perform)(void *);
  int (*easy_getinfo)(void *, int, ...);
  void (*easy_cleanup)(void *);
  void (*easy_reset)(void *);
  const char *(*easy_strerror)(int);
  struct list *(*slist_append)(struct list *, const char *);
  void (*slist_free_all)(struct list *);
  time_t (*getdate)(const char *, const time_t *);
};

// libcurl's functions, opened at the first call; NULL if it cannot be, and then `curl_failure` says why.
const struct curl_functions *curl_functions(void);
const char *curl_failure(void);
