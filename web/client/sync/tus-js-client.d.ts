/** The heart of tus-js-client, without its stores, readers and stacks for other worlds: they are ours (sync/tus.ts). */

declare module "tus-js-client/lib/upload.js" {
  import type { Upload, UploadOptions } from "tus-js-client";

  const BaseUpload: new (file: unknown, options: UploadOptions & { protocol: string }) => Upload;
  export default BaseUpload;
}
