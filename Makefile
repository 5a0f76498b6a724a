# Two commands do everything on a fresh Debian machine with Swift: `make demo` and `make test`.

# What the build links.
LIBRARIES = libarchive-dev zlib1g-dev libdeflate-dev libzstd-dev liblzma-dev libbz2-dev libssl-dev libjansson-dev libyaml-dev libjemalloc-dev
# What the demo builds its base from.
DEMO = busybox-static
# The peers that the tests compare with and load images into.
PEERS = skopeo umoci podman uidmap runc crun docker.io busybox-static python3 python3-jsonschema \
	python3-venv git util-linux shellcheck docker-registry apache2-utils openssl openssh-client \
	qemu-user-static binfmt-support fuse-overlayfs

# The allocator of the release binary. It is linked as one object: symbols of archives are hidden, and then what libc allocates
# would be freed by another allocator.
ALLOCATOR = .build/allocator.o
# Without a RUNPATH of $ORIGIN no library that lies beside the program is loaded in place of the system's.
# Functions have sections of their own, so that the linker leaves out what nothing calls.
BUILD = swift build -c release --static-swift-stdlib --disable-local-rpath -Xlinker $(CURDIR)/$(ALLOCATOR) \
	-Xswiftc -Xfrontend -Xswiftc -function-sections
BINARY = .build/release/slipway
PREFIX ?= /usr/local

.PHONY: build demo test test-packages docs format lint install clean help

help: ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

build: ## Build the release binary.
	@./.ci/packages $(LIBRARIES)
	@$(MAKE) -s $(ALLOCATOR)
	$(BUILD) --product slipway

$(ALLOCATOR):
	mkdir -p .build
	ld -r -o $@ -L/usr/lib/$(shell uname -m)-linux-gnu -L/usr/lib64 -L/usr/lib --whole-archive -l:libjemalloc_pic.a

demo: ## Lint and mend a recipe, build an image, look into it.
	@./.ci/packages $(LIBRARIES) $(DEMO)
	@$(MAKE) -s $(ALLOCATOR)
	@echo "building slipway (release)"
	@$(BUILD) --product slipway
	@./Fixtures/demo/run $(BINARY)

test-packages:
	@./.ci/packages $(LIBRARIES) $(PEERS)
	@./.ci/peers

test: test-packages ## Install what is missing and run every test.
	swift build --build-tests
	@./.ci/tests

docs: ## Write docs/rules and the table in docs/hadolint.md anew from the rules.
	swift build --product slipway
	rm -f docs/rules/*.md
	.build/debug/slipway rules --write-pages docs/rules
	.build/debug/slipway rules --differences > .build/differences.md
	sed -i -e '/^<!-- differences -->$$/,/^<!-- end of differences -->$$/{//!d}' \
		-e '/^<!-- differences -->$$/r .build/differences.md' docs/hadolint.md

format: ## Put the sources into their layout.
	swift format -i -r Sources Tests Benchmarks Package.swift

lint: ## Check the layout of the sources.
	swift format lint --strict -r Sources Tests Benchmarks Package.swift

install: build ## Install the binary below PREFIX (default /usr/local).
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/slipway

clean: ## Remove what was built.
	rm -rf .build
