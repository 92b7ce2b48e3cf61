/** What the user sets: the keys, their syntax and defaults, and where a value came from. Start with {@link dev.lastref.http.config.SidecarConfig}. */
@NullMarked
package dev.lastref.http.config;

import org.jspecify.annotations.NullMarked;
