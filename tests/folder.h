/*
 * A fresh folder for a test, gone afterwards. Header only: tests are one file each.
 */
#ifndef JUGGLE_TESTS_FOLDER_H
#define JUGGLE_TESTS_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char test_folder[64];

static int make_folder(void **state) {
    (void)state;
    (void)snprintf(test_folder, sizeof test_folder, "/tmp/juggle-test-XXXXXX");
    return mkdtemp(test_folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", test_folder);
    return system(command);
}

#define TEST_IN_FOLDER(name) TEST_WITH(name, make_folder, remove_folder)

#endif
