import { styleText } from 'node:util';
import { playSituation, SITUATIONS } from './all.ts';

/** Plays every situation and prints who is told what, when and how often; fails where that is not what is expected. */
async function main(only: string | undefined): Promise<number> {
  const played = SITUATIONS.filter(({ name }) => only === undefined || name.includes(only));
  let wrong = 0;
  let messages = 0;
  for (const situation of played) {
    const { told, events } = await playSituation(situation);
    messages += told.length;
    console.log(`${styleText('bold', situation.name)}  (${events} events for machines)`);
    if (told.length === 0) console.log('    nobody is told anything');
    for (const { hours, what } of told) console.log(`    ${hours.toFixed(1).padStart(6)} h  ${what}`);
    const isAsExpected = JSON.stringify(told.map(({ what }) => what)) === JSON.stringify(situation.told);
    if (!isAsExpected) {
      wrong += 1;
      console.log(styleText('red', `    expected: ${situation.told.join(' | ') || 'nothing'}`));
    }
  }
  console.log(`${played.length} situations, ${messages} messages and alarms, ${wrong} not as expected`);
  return wrong === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
