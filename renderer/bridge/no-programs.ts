/** Before any schema is made: a window's content policy forbids programs made from text, and zod would try one. */
import * as z from "zod/mini";

z.config({ jitless: true });
