/** The command line: {@code serve}, {@code doctor}. */
@NullMarked
package dev.lastref.http.cli;

import org.jspecify.annotations.NullMarked;
