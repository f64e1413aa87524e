import { errorText } from '../util/errors.ts';

/** Why a file cannot be read, in words. */
export function reasonText(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'permission denied';
    default:
      return errorText(error);
  }
}
