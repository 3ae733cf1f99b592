/** Sends files as they were picked, pasted or dropped. */

import { act } from '../data/server.js';

/**
 * @param {{team: string, user: string}} who
 * @param {File[]} files
 * @param {{channel: string, text: string, thread_ts?: string}} where the words go with the first file
 * @returns {Promise<boolean>} whether all were taken
 */
export async function upload(who, files, { text, ...where }) {
  for (const [number, file] of files.entries()) {
    const sent = {
      do: 'upload',
      ...where,
      name: file.name,
      mimetype: file.type || 'application/octet-stream',
      data: await base64(file),
    };
    if (!(await act(who, number === 0 && text ? { ...sent, text } : sent))) return false;
  }
  return true;
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(',')[1]);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
