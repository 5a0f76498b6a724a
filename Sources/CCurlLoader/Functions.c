#include "Functions.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct curl_functions curl;
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
      {"curl_easy_reset", &curl.easy_reset},
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

const struct curl_functions *curl_functions(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return load_failure[0] == 0 ? &curl : NULL;
}

const char *curl_failure(void) { return load_failure; }
