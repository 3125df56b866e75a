# juggle's build. `make help` lists the targets; V=1 shows the commands.
VERSION := 0.1.0
FLAVOUR ?= plain
PREFIX ?= /usr/local

LIBRARIES := libevent libevent_pthreads libcurl jansson
CC ?= cc
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wformat=2 -Wundef

# CFLAGS, CPPFLAGS, LDFLAGS and LDLIBS are for who builds: from the environment or the
# command line, as packagers give them. What is only tested need not be fast: gcc takes half
# as long with -O1.
PKG_CONFIG ?= pkg-config
CFLAGS ?= $(if $(filter asan tsan,$(FLAVOUR)),-O1 -g1,-O2 -g)

# A flavour is its extra flags; each has a build folder of its own.
FLAGS_plain :=
FLAGS_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan := -fsanitize=thread -fno-omit-frame-pointer
FLAGS_fuzz := -DFUZZING -fsanitize=fuzzer-no-link,address,undefined \
              -fno-sanitize-recover=all
ifeq ($(filter $(FLAVOUR),plain asan tsan fuzz),)
$(error FLAVOUR=$(FLAVOUR) is unknown: plain, asan, tsan or fuzz)
endif

# What the program does not build or measure without comes last, so that it holds. Assertions
# stay, and link-time optimisation would change what is measured.
HELD := -pthread -fno-lto $(FLAGS_$(FLAVOUR))
HELD_LIBRARIES := $(shell $(PKG_CONFIG) --libs $(LIBRARIES)) -lm
COMPILE_FLAGS = $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -std=c11 -D_GNU_SOURCE -UNDEBUG -I. \
                $(LIBRARY_FLAGS) $(HELD)
LIBRARY_FLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES))
LINK = $(CC) $(LDFLAGS) $(HELD) $^ $(1) $(LDLIBS) $(HELD_LIBRARIES) -o $@

# A text as one word of the shell.
quoted = '$(subst ','\'',$(1))'

B := build/$(FLAVOUR)
JUGGLE := $(if $(filter plain,$(FLAVOUR)),bin/juggle,$(B)/juggle)

# Lists are derived from the files that are there, never kept by hand.
FOLDERS := common server strategies loadgen measured experiments report compare director \
           selftest
SOURCES := $(sort $(wildcard $(foreach folder,$(FOLDERS),$(folder)/*.c $(folder)/*/*.c)))
TABLES := $(B)/generated/strategies.c $(B)/generated/experiments.c $(B)/generated/style.c
OBJECTS := $(SOURCES:%.c=$(B)/%.o) $(TABLES:.c=.o) $(B)/generated/build_info.o
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*.c))
TEST_SOURCES := $(sort $(wildcard tests/unit/*.c tests/contract/*.c)) $(FUZZ_SOURCES)
# ThreadSanitizer has nothing to find in what never has a second thread.
ONE_THREAD := measured report compare article judge director_assess sizes stats student bootstrap
TESTS := $(patsubst %.c,$(B)/%,$(filter-out $(if $(filter tsan,$(FLAVOUR)),\
           $(ONE_THREAD:%=tests/unit/test_%%.c)),$(TEST_SOURCES)))
EXAMPLES := $(patsubst %.c,$(B)/%.so,$(wildcard examples/*.c))
BENCH_SOURCES := $(sort $(wildcard bench/*.c))
BENCH := $(B)/juggle-bench
C_FILES := juggle.c $(SOURCES) $(TEST_SOURCES) $(BENCH_SOURCES) $(wildcard examples/*.c)
H_FILES := $(sort $(wildcard $(foreach folder,include $(FOLDERS) tests bench,\
             $(folder)/*.h $(folder)/*/*.h)))

Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' '$(1)' '$(2)')

# FORCE is phony too: .SECONDARY would let it be skipped, as any file that is not there.
.PHONY: all test tests benches asan tsan fuzz fuzz-run bench lint format install uninstall clean \
        help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(JUGGLE) ## build bin/juggle

$(JUGGLE): $(B)/juggle.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK)

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(COMPILE_FLAGS) -MMD -MP -c $< -o $@

$(B)/generated/%.o: $(B)/generated/%.c $(B)/flags
	$(Q)$(CC) $(COMPILE_FLAGS) -MMD -MP -c $< -o $@

ALL_FLAGS = $(CC) $(COMPILE_FLAGS) $(LDFLAGS) $(LDLIBS) $(HELD_LIBRARIES)

# Everything is built again when the compiler or a flag changes.
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo $(call quoted,$(ALL_FLAGS)) | cmp -s - $@ || \
	  echo $(call quoted,$(ALL_FLAGS)) > $@
FORCE:

# $(B)/generated/strategies.c lists what strategies/ holds; the same for experiments/.
# strategies/NAME.c defines `const struct strategy strategy_NAME`, and so on. Rewritten
# only when the list differs.
define table_rule
$(B)/generated/$(2).c: FORCE
	$$(Q)mkdir -p $$(@D)
	$$(Q)scripts/make_table.sh $(1) $(2)/*.c > $$@.new
	$$(Q)cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@
endef
$(eval $(call table_rule,strategy,strategies))
$(eval $(call table_rule,experiment,experiments))

$(B)/generated/style.c: common/document/style.css
	$(Q)mkdir -p $(@D)
	$(Q)(echo 'const char document_style[] =' && sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $< && echo ';') > $@

$(B)/generated/build_info.c: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)scripts/make_build_info.sh '$(VERSION)' '$(CC)' \
	  $(call quoted,$(COMPILE_FLAGS)) > $@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# A test takes out of it what it calls.
$(B)/juggle.a: $(OBJECTS)
	$(Q)rm -f $@ && $(AR) rcsT $@ $^

$(B)/tests/%: $(B)/tests/%.o $(B)/juggle.a
	$(call say,LINK,$@)
	$(Q)$(call LINK,$(FUZZER) -lcmocka)

# As their users build them: with nothing of ours but the one header.
$(B)/examples/%.so: examples/%.c include/juggle_step.h
	$(call say,STEP,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(WARNINGS) $(CFLAGS) -shared -fPIC -Iinclude $< -o $@

$(BENCH) $(filter $(B)/tests/contract/%,$(TESTS)): | $(EXAMPLES)

$(BENCH): $(BENCH_SOURCES:%.c=$(B)/%.o) $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(LINK)

tests: $(JUGGLE) $(TESTS)
benches: $(JUGGLE) $(BENCH)

test: tests ## build and run every test
	$(Q)JUGGLE='$(CURDIR)/$(JUGGLE)' FLAVOUR=$(FLAVOUR) tests/run_tests.sh $(TESTS)

asan: ## the same tests under AddressSanitizer and UBSan
	$(Q)$(MAKE) --no-print-directory FLAVOUR=asan test

tsan: ## the same tests under ThreadSanitizer
	$(Q)$(MAKE) --no-print-directory FLAVOUR=tsan test

# Without a fuzzer, in `make test`, the same programs run their corpus.
FUZZ_SECONDS ?= 60
$(B)/tests/fuzz/%: private FUZZER := $(if $(filter fuzz,$(FLAVOUR)),-fsanitize=fuzzer)

fuzz: ## feed the parsers what libFuzzer finds, FUZZ_SECONDS each; needs clang
	$(Q)$(MAKE) --no-print-directory FLAVOUR=fuzz CC=clang fuzz-run

fuzz-run: $(FUZZ_SOURCES:%.c=$(B)/%)
	$(Q)set -e; for program in $^; do name=$${program##*/fuzz_}; \
	  mkdir -p $(B)/corpus/$$name $(B)/found; \
	  $$program -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -print_final_stats=1 \
	    -artifact_prefix=$(B)/found/ $(B)/corpus/$$name tests/corpus/$$name; done

bench: benches ## speed and memory as ratios; ONLY="text" picks rows
	$(Q)$(BENCH) $(if $(ONLY),"$(ONLY)")

lint: ## layout, include rules, formatting, static checks
	$(Q)scripts/lint.sh $(C_FILES) $(H_FILES)

format: ## let clang-format decide
	$(Q)clang-format -i $(C_FILES) $(H_FILES)

install: $(JUGGLE) ## install below PREFIX
	install -D bin/juggle "$(DESTDIR)$(PREFIX)/bin/juggle"
	install -d "$(DESTDIR)$(PREFIX)/share/juggle/plots"
	install -m 644 plots/*.gp "$(DESTDIR)$(PREFIX)/share/juggle/plots"
	for peer in peers/*/*.*; do \
	  install -D -m 644 $$peer "$(DESTDIR)$(PREFIX)/share/juggle/$$peer" || exit 1; done
	install -D -m 644 include/juggle_step.h "$(DESTDIR)$(PREFIX)/include/juggle_step.h"
	install -D -m 644 docs/juggle.1 "$(DESTDIR)$(PREFIX)/share/man/man1/juggle.1"

uninstall: ## remove what install put there
	rm -f "$(DESTDIR)$(PREFIX)/bin/juggle" "$(DESTDIR)$(PREFIX)/include/juggle_step.h" \
	  "$(DESTDIR)$(PREFIX)/share/man/man1/juggle.1"
	rm -rf "$(DESTDIR)$(PREFIX)/share/juggle"

clean: ## remove what was built; results stay
	rm -rf build bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(B)/juggle.d $(OBJECTS:.o=.d) \
  $(patsubst %.c,$(B)/%.d,$(TEST_SOURCES) $(BENCH_SOURCES))
