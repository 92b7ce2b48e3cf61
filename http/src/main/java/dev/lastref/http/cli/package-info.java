/** The command line: what runs a sidecar, and what speaks to one that runs. Start with {@code Main}. */
@NullMarked
package dev.lastref.http.cli;

import org.jspecify.annotations.NullMarked;
