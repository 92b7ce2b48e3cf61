@NullMarked
package dev.lastref.pool;

import org.jspecify.annotations.NullMarked;
