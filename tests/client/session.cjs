// What a clinic's server asks of the platform around one visit, through the platform's own REST client.
//
// Usage: node session.cjs ADDRESS FOLDER < {"alias", "message", "people": [external IDs]}
// Each answer becomes a file of FOLDER.

const fs = require('fs');
const path = require('path');
const { authentication, communications, urls } = require('@dolbyio/dolbyio-rest-apis-client');

async function main(address, folder) {
  const visit = JSON.parse(fs.readFileSync(0, 'utf8'));
  const [owner, ...others] = visit.people;
  const keep = (name, answer) => fs.writeFileSync(path.join(folder, name + '.json'), JSON.stringify(answer, null, 1));
  urls.initialize({ comms: address, api: address });

  const token = await authentication.getApiAccessToken('the key', 'the secret');
  for (const externalId of visit.people) {
    await communications.authentication.getClientAccessTokenV2(
        { accessToken: token, externalId, sessionScope: ['conf:create', 'notifications:set'], expiresIn: 600 });
  }
  const asParticipant = (externalId) => ({ externalId, permissions: ['JOIN', 'SEND_AUDIO'], notify: false });
  const conference = await communications.conference.createConference(
      token, { ownerExternalId: owner, alias: visit.alias, participants: [asParticipant(owner)] });
  keep('created', conference);
  const id = conference.conferenceId;
  keep('invited', await communications.conference.invite(token, id, others.map(asParticipant)));
  await communications.conference.sendMessage(token, id, owner, others, visit.message);
  keep('live', await communications.conference.participants(token, id));
  await communications.conference.terminate(token, id);

  const monitor = communications.monitor;
  keep('conferences', await monitor.conferences.listAllConferences(token, { exid: owner }));
  keep('conference', await monitor.conferences.getConference(token, id));
  keep('participants', await monitor.conferences.getAllConferenceParticipants(token, { confId: id }));
  keep('webhooks', await monitor.webhooks.getAllEvents(token, { conferenceId: id }));
  keep('recordings', await monitor.recordings.getAllRecordings(token, {}));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
