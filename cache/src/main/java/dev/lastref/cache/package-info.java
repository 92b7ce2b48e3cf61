@NullMarked
package dev.lastref.cache;

import org.jspecify.annotations.NullMarked;
