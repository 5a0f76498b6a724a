#pragma once
// The part of zstd.h that is used, of its stable interface (since 1.4.0). The header itself takes in <limits.h>, and a
// module that does takes constants of <unistd.h> away from the C library's.
#include <stddef.h>

typedef struct ZSTD_CCtx_s ZSTD_CCtx;
enum { ZSTD_c_compressionLevel = 100, ZSTD_c_checksumFlag = 201 };

ZSTD_CCtx *ZSTD_createCCtx(void);
size_t ZSTD_freeCCtx(ZSTD_CCtx *context);
size_t ZSTD_CCtx_setParameter(ZSTD_CCtx *context, int parameter, int value);
size_t ZSTD_compress2(ZSTD_CCtx *context, void *output, size_t capacity, const void *input, size_t size);
size_t ZSTD_compressBound(size_t size);
unsigned ZSTD_isError(size_t code);
const char *ZSTD_getErrorName(size_t code);
